using System.Text.Json;
using GateKeeper.Core.Changes;

namespace GateKeeper.Forges.PlainGit;

/// <summary>
/// Which addresses belong to which account, from the guard's mapping file: <c>{"ana": {"emails": ["ana@example.org"]}}</c>. Without a
/// guard an address is an account of its own.
/// </summary>
internal sealed class Accounts
{
    private readonly ILookup<string, string> owners;
    private readonly bool open;

    private Accounts(ILookup<string, string> owners, bool open) => (this.owners, this.open) = (owners, open);

    /// <summary>Every address is the account of that name: for a repository whose operator trusts what notes say.</summary>
    public static Accounts Trusting { get; } = new(Array.Empty<string>().ToLookup(item => item), open: true);

    /// <exception cref="FormatException">The file is not as it should be; the message says how.</exception>
    public static Accounts Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            return new(
                document.RootElement.EnumerateObject()
                    .SelectMany(account => account.Value.GetProperty("emails").EnumerateArray().Select(email => (Account: account.Name, Email: Fold(email.GetString() ?? ""))))
                    .ToLookup(item => item.Email, item => item.Account),
                open: false);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new FormatException($"the accounts file must read {{\"account\": {{\"emails\": [\"...\"]}}}}: {error.Message}");
        }
    }

    /// <summary>The names of all accounts that have an address.</summary>
    public IReadOnlyList<string> Names => [.. owners.SelectMany(accounts => accounts).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Null when the address belongs to nobody or to two.</summary>
    public Account? Of(string email)
    {
        var folded = Fold(email);
        if (open)
            return folded.Length == 0 ? null : new Account(folded);
        return owners[folded].Distinct().ToList() is [var one] ? new Account(one) : null;
    }

    /// <summary>Whether two addresses are one person's.</summary>
    public bool Same(string one, string other) => one == other || (Of(one) is { } account && Of(other) == account);

    /// <summary>
    /// A review is for those to ask for who wrote or committed what it begins with, or others could put themselves in their place. Where
    /// that was nobody known, anybody may.
    /// </summary>
    public bool MayRequest(string address, IReadOnlyList<string> makers) =>
        makers.Select(Of).OfType<Account>().ToList() is var known && (known.Count == 0 || (Of(address) is { } account && known.Contains(account)));

    /// <summary>A name in the rules: an account, or an address that belongs to one.</summary>
    public Account Named(string name) => Of(name) is { } account && name.Contains('@', StringComparison.Ordinal) ? account : new(name);

    /// <summary>
    /// Addresses compare without letter case, as forges compare them: somebody who is written with a capital letter is the same maker. Where
    /// two accounts have one in different letters, it belongs to neither.
    /// </summary>
    private static string Fold(string email) => email.Contains('@', StringComparison.Ordinal) ? email.ToLowerInvariant() : email;
}
