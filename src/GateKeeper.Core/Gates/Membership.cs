using GateKeeper.Core.Changes;

namespace GateKeeper.Core.Gates;

/// <summary>The people of one group, read when the verdict is formed. <see cref="Unreadable"/> says why the list may be short.</summary>
public sealed record GroupMembers(ValueList<Account> Accounts, string? Unreadable = null);

/// <summary>Who belongs to which group at this moment.</summary>
public sealed class Membership(IReadOnlyDictionary<string, GroupMembers> groups)
{
    public const string Anyone = "anyone";

    private readonly Dictionary<string, HashSet<Account>> sets = groups.ToDictionary(
        group => group.Key, group => group.Value.Accounts.ToHashSet(), StringComparer.Ordinal);

    public static Membership Empty { get; } = new(new Dictionary<string, GroupMembers>());

    public IEnumerable<string> Names => groups.Keys;

    /// <summary>Whether the account is known to belong. A group that could not be read whole may have more members.</summary>
    public bool Has(string group, Account account) =>
        group == Anyone || (sets.TryGetValue(group, out var members) && members.Contains(account));

    public IReadOnlyList<Account> Of(string group) => groups.TryGetValue(group, out var members) ? members.Accounts : [];

    /// <summary>Why the group cannot be relied upon, or null when it can.</summary>
    public string? Unreadable(string group) =>
        group == Anyone ? null
        : groups.TryGetValue(group, out var members) ? members.Unreadable
        : $"the group {group} is not known";
}
