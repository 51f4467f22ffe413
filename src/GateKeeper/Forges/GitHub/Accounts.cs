using GateKeeper.Core.Changes;

namespace GateKeeper.Forges.GitHub;

/// <summary>
/// The people of a host. The number is who somebody is; what people read, and what the rules say, is the login, in whatever case. A login
/// that another has taken since is the other's.
/// </summary>
internal sealed class GitHubAccounts
{
    private const string OwnCommitter = "web-flow";
    private readonly Dictionary<long, string> byId = [];
    private readonly Dictionary<string, long> byLogin = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, long?> byAddress = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<long> programs = [];

    /// <summary>Somebody whom the host does not name any more: a deleted account. Nobody whom the rules could name.</summary>
    public static Account Gone { get; } = new("(a deleted account)");

    public IEnumerable<Account> Bots => programs.Select(Of);

    /// <summary>Moves when an address is known that was not, or as somebody else's.</summary>
    public long Version { get; private set; }

    /// <summary>The account of a number that was learned.</summary>
    public Account Of(long id) => byId.TryGetValue(id, out var login) ? byLogin[login] == id ? new(login) : new($"{login} (account {id}, who bore that name before)") : new($"account {id}");

    public Account Of(WhoDto? who) => who is null ? Gone : Learn(who);

    /// <summary>Null when the address belongs to nobody, or has not been asked about.</summary>
    public Account? OfAddress(string address) => byAddress.GetValueOrDefault(address) is { } id ? Of(id) : null;

    public bool KnowsAddress(string address) => byAddress.ContainsKey(address);

    /// <summary>The name in the rules as an account.</summary>
    public Account Named(string name) => byLogin.TryGetValue(name, out var id) ? Of(id) : new(name.ToLowerInvariant());

    public Account Learn(string login, long id)
    {
        // Without its case, which the host does not regard and people may change.
        byId[id] = login.ToLowerInvariant();
        byLogin[login] = id;
        return Of(id);
    }

    public void LearnAddress(string address, LoginDto? user)
    {
        // What is done on the host's pages is committed by the host itself, which is nobody.
        if (user?.Login == OwnCommitter)
            user = null;
        var id = user?.DatabaseId;
        if (user is not null && id is { } number)
            Learn(user.Login, number);
        if (byAddress.TryGetValue(address, out var known) && known == id)
            return;
        byAddress[address] = id;
        Version++;
    }

    /// <summary>A program's login bears its mark here as it does in REST, so that nobody can be named like one.</summary>
    private Account Learn(WhoDto who)
    {
        var program = who.Kind == "Bot";
        var login = program && !who.Login.EndsWith("[bot]", StringComparison.Ordinal) ? $"{who.Login}[bot]" : who.Login;
        if (who.DatabaseId is not { } id)
            return new(login.ToLowerInvariant());
        if (program)
            programs.Add(id);
        return Learn(login, id);
    }
}
