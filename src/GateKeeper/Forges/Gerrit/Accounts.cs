using GateKeeper.Core.Changes;

namespace GateKeeper.Forges.Gerrit;

/// <summary>
/// The people of a server. The server's number is who somebody is; what people read, and what the rules say, is the user name, else the
/// address. Somebody of whom only the number is known bears that, and is nobody whom the rules name.
/// </summary>
internal sealed class GerritAccounts
{
    private readonly Dictionary<long, Account> byId = [];
    private readonly Dictionary<string, long?> byAddress = new(StringComparer.OrdinalIgnoreCase);

    public Account Of(long id) => byId.GetValueOrDefault(id, new Account($"account {id}"));

    /// <summary>Null when the address belongs to nobody, or has not been asked about.</summary>
    public Account? OfAddress(string address) => byAddress.GetValueOrDefault(address) is { } id ? Of(id) : null;

    /// <summary>The name in the rules as an account: a user name, or an address that belongs to one.</summary>
    public Account Named(string name) => OfAddress(name) is { } account && name.Contains('@', StringComparison.Ordinal) ? account : new(name);

    public bool Knows(long id) => byId.ContainsKey(id);

    public bool KnowsAddress(string address) => byAddress.ContainsKey(address);

    public void Learn(AccountDto? account)
    {
        if (account is not { Id: > 0 })
            return;

        // A user name may look like an address, and must not be taken for the one whose address it is.
        if ((account.Username is { } user && !user.Contains('@', StringComparison.Ordinal) ? user : account.Email) is { } name)
            byId[account.Id] = new(name);
        foreach (var address in (account.SecondaryEmails ?? []).Append(account.Email).OfType<string>())
            byAddress[address] = account.Id;
    }

    /// <summary>The server knows nobody by this address, or does not say whom.</summary>
    public void LearnNobody(string address) => byAddress.TryAdd(address, null);
}
