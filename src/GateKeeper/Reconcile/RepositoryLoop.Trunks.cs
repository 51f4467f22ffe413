using GateKeeper.Git;
using GateKeeper.Store;

namespace GateKeeper.Reconcile;

/// <content>Which branches are trunks, and whose turn it is on each.</content>
internal sealed partial class RepositoryLoop
{
    /// <summary>
    /// A named trunk is one; a branch that matches a pattern becomes one only when its tip lies on the first-parent line of a trunk that
    /// already is, so that nobody makes a trunk by pushing a branch.
    /// </summary>
    private void Admit()
    {
        var branches = mirror.Refs.Keys.Where(name => name.StartsWith("refs/heads/", StringComparison.Ordinal)).Select(name => name["refs/heads/".Length..]).ToList();
        if (trunks.Count == 0)
            branches.AddRange(TrunkMemory.Known(tools.Database, settings.Name).Except(branches));
        foreach (var branch in branches.Where(branch => !trunks.ContainsKey(branch) && !IsPublished(branch)))
        {
            var named = settings.Trunks.Contains(branch);
            var pattern = patterns.Find(pattern => pattern.Matches(branch));
            if (!named && pattern is null)
                continue;
            var key = $"{settings.Name}/{branch}";
            if (named || new TrunkMemory(tools.Database, key, 20).State.Tip is not null
                || trunks.Any(item => View(item.Key, item.Value.Trunk) is not null && item.Value.Trunk.HasOnLine(new(mirror.Refs["refs/heads/" + branch]))))
            {
                var lease = new Lease(tools.Database, tools.Time, key, holder, () => tools.Journal.OpenIntents(key).Count == 0);
                var trunk = new TrunkReconciler(settings, tools, mirror, forge, lookout, gate, lease, branch, wake, shelf, commit => trunks.Any(other => other.Key != branch && other.Value.Trunk.Holds(commit)));
                trunks[branch] = (trunk, lease);

                // What is said of a pattern is said of each trunk that it brings.
                if (!named && trunk.Memory.State.Tip is null && new TrunkMemory(tools.Database, $"{settings.Name}/{pattern}", 20).State is { } said)
                    trunk.Memory.Set(state => state with { Paused = said.Paused, Frozen = said.Frozen });
            }
        }
    }

    /// <summary>What the gate publishes lies on a trunk's line and is none.</summary>
    private bool IsPublished(string branch) => settings.Publish is { } prefix && $"refs/heads/{branch}".StartsWith(prefix, StringComparison.Ordinal);

    private bool endedWell = true;

    /// <summary>What of the mirror is gone; null where nothing is. After a tick that did not end well it is looked through.</summary>
    public string? Damage => MirrorFolder.Damage(mirror.Path, thorough: !endedWell);

    public bool IsClosed { get; private set; }

    /// <summary>Shows where the trunks stood when they were last looked at.</summary>
    public void Show(IEnumerable<TrunkPicture> last) => pictures = last.ToDictionary(picture => picture.Trunk);

    /// <summary>What was found last is shown on, with the reason why there is nothing newer.</summary>
    public void Outdate(Exception error) => Show(pictures.Values.Select(picture => picture with { Closed = $"a tick failed: {error.Message}" }).ToList());

    /// <summary>The trunks on which another worker has the turn.</summary>
    public IEnumerable<string> Waiting => waiting.Select(name => $"{settings.Name}/{name}");

    /// <summary>Whether this worker may act on a trunk. What was seen before the turn was had may be older than what its last holder did.</summary>
    private bool HasTurn(string name, Lease lease, out bool anew)
    {
        var last = lease.Number;
        var has = lease.Hold();
        anew = has && lease.Number != last;
        if (!has && waiting.Add(name))
            tools.Notebook.Raise($"turn:{settings.Name}/{name}", "another worker has the turn on this trunk; this one watches, and takes over when that one is gone");
        if (!anew)
            return has;
        waiting.Remove(name);
        tools.Notebook.Mend($"turn:{settings.Name}/{name}");
        looked = null;
        return true;
    }
}
