using GateKeeper.Core.Changes;

namespace GateKeeper.Core.Landing;

/// <summary>
/// Which open changes need which others to land first. Anybody can propose a stack as high as he likes, so each is looked at once, and
/// nothing here calls itself.
/// </summary>
internal sealed class Needs
{
    private readonly Dictionary<ChangeId, List<ChangeId>> ahead;

    public Needs(IReadOnlyDictionary<ChangeId, Change> open) =>
        ahead = open.ToDictionary(item => item.Key, item => item.Value.DependsOn.Where(dependency => !dependency.Landed).Select(dependency => dependency.Change).OfType<ChangeId>().Where(open.ContainsKey).Distinct().ToList());

    public IReadOnlyList<ChangeId> Of(ChangeId change) => ahead[change];

    /// <summary>Those that need each other in a circle, each with all that are in it.</summary>
    public Dictionary<ChangeId, IReadOnlyList<ChangeId>> Circles()
    {
        // What belongs together is found by how far back a walk along the needs leads (Tarjan).
        var (circles, number, back) = (new Dictionary<ChangeId, IReadOnlyList<ChangeId>>(), new Dictionary<ChangeId, int>(), new Dictionary<ChangeId, int>());
        var (trail, onTrail, path) = (new Stack<ChangeId>(), new HashSet<ChangeId>(), new Stack<(ChangeId At, int Next)>());
        foreach (var start in ahead.Keys.Where(start => !number.ContainsKey(start)))
        {
            Enter(start);
            while (path.TryPop(out var step))
            {
                var needs = ahead[step.At];
                if (step.Next < needs.Count)
                {
                    path.Push((step.At, step.Next + 1));
                    var next = needs[step.Next];
                    if (!number.TryGetValue(next, out var seen))
                        Enter(next);
                    else if (onTrail.Contains(next))
                        back[step.At] = Math.Min(back[step.At], seen);
                    continue;
                }

                if (path.TryPeek(out var before))
                    back[before.At] = Math.Min(back[before.At], back[step.At]);
                if (back[step.At] == number[step.At])
                    Close(step.At);
            }
        }

        return circles;

        void Enter(ChangeId change)
        {
            number[change] = back[change] = number.Count;
            trail.Push(change);
            onTrail.Add(change);
            path.Push((change, 0));
        }

        void Close(ChangeId first)
        {
            var together = new List<ChangeId>();
            do
            {
                together.Add(trail.Pop());
                onTrail.Remove(together[^1]);
            }
            while (together[^1] != first);

            together.Sort((one, two) => string.CompareOrdinal(one.Value, two.Value));
            if (together.Count > 1 || ahead[first].Contains(first))
                together.ForEach(change => circles[change] = together);
        }
    }

    /// <summary>Those of some that need what is not among them, be it through others.</summary>
    public IReadOnlyList<ChangeId> Lacking(IReadOnlySet<ChangeId> some)
    {
        var behind = ahead.SelectMany(item => item.Value.Select(need => (need, item.Key))).ToLookup(pair => pair.need, pair => pair.Key);
        var (lacking, found) = (new List<ChangeId>(), new HashSet<ChangeId>());
        var waiting = new Stack<ChangeId>(ahead.Keys.Where(change => !some.Contains(change)));
        while (waiting.TryPop(out var missing))
        {
            foreach (var change in behind[missing].Where(change => some.Contains(change) && found.Add(change)))
            {
                lacking.Add(change);
                waiting.Push(change);
            }
        }

        return lacking;
    }

    /// <summary>Each once, and after all that it needs. Only for what is in no circle.</summary>
    public IEnumerable<ChangeId> InOrder(IEnumerable<ChangeId> changes)
    {
        var (placed, path) = (new HashSet<ChangeId>(), new Stack<(ChangeId At, int Next)>());
        foreach (var change in changes)
        {
            path.Push((change, 0));
            while (path.TryPop(out var step))
            {
                if (placed.Contains(step.At))
                    continue;
                if (step.Next < ahead[step.At].Count)
                {
                    path.Push((step.At, step.Next + 1));
                    path.Push((ahead[step.At][step.Next], 0));
                    continue;
                }

                placed.Add(step.At);
                yield return step.At;
            }
        }
    }
}
