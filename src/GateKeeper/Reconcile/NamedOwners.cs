using GateKeeper.Core.Gates;
using GateKeeper.Core.Rules;
using GateKeeper.Forges;

namespace GateKeeper.Reconcile;

/// <summary>
/// Owners files with the accounts that the forge knows by the names in them: an address and an account may be one person. They are named
/// anew when the forge's view moves, and not when the trunk does.
/// </summary>
internal sealed class NamedOwners(bool byAt)
{
    private readonly Dictionary<OwnersFile, OwnersFile> named = [];
    private long version = -1;

    public IReadOnlyDictionary<string, OwnersFile> Of(RulesAtTip at, ForgeView view)
    {
        if (version != view.Version || named.Count > at.Owners.Count)
            named.Clear();
        version = view.Version;
        return at.Owners.ToDictionary(file => file.Key, file => Named(file.Value, view));
    }

    private OwnersFile Named(OwnersFile file, ForgeView view)
    {
        if (!named.TryGetValue(file, out var known))
            named[file] = known = byAt ? file.ByAt(view.Canonical, name => People.Team(view.Teams, name), view.AccountOf) : file.Known(name => view.Canonical(name).Name);
        return known;
    }
}
