namespace GateKeeper.Core.Changes;

/// <summary>
/// Holds names against trees, letter by letter and all patterns at once, with what that needs kept for the next name. A star that was met
/// stays open: to the end of its segment, or of the name where it stands for directories. A later star of the same patterns takes its place,
/// since whatever the earlier one could still lead to, the later one can too; so a pattern costs as much as the name is long.
/// </summary>
internal sealed class GlobWalk
{
    /// <summary>When a node was met: twice the time, and one more where a later star has taken its place. Times never come again.</summary>
    private long[] met = [];
    private readonly List<int> parts = [];
    private readonly List<int> directories = [];
    private readonly List<(int Node, int Next)> due = [];
    private int[] dueAt = [];
    private int free = -1;
    private GlobTree tree = new(PatternOf.Path);
    private long begin = 1;
    private long segment;
    private int best;
    private bool goesOn;

    public (int Last, bool GoesOn) Over(GlobTree over, ReadOnlySpan<char> name)
    {
        tree = over;
        if (met.Length < tree.Count)
            met = new long[Math.Max(tree.Count, 64)];
        (best, goesOn, segment) = (-1, false, begin);
        parts.Clear();
        directories.Clear();
        if (dueAt.Length <= name.Length)
        {
            dueAt = new int[Math.Max(name.Length + 1, 256)];
            Array.Fill(dueAt, -1);
        }

        Reach(0, name, 0);
        for (var at = 1; at <= name.Length; at++)
        {
            if (name[at - 1] == '/' && tree.HasSegments)
            {
                parts.Clear();
                segment = begin + at;
                Resume(directories, name, at);
            }
            else
            {
                Resume(parts, name, at);
            }

            for (var next = dueAt[at]; next >= 0;)
            {
                var (node, after) = due[next];
                due[next] = (0, free);
                (free, next) = (next, after);
                Reach(node, name, at);
            }

            dueAt[at] = -1;
        }

        begin += name.Length + 1;
        return (best, goesOn || directories.Count > 0 || parts.Count > 0);
    }

    /// <summary>What follows the stars that are open may begin here.</summary>
    private void Resume(List<int> stars, ReadOnlySpan<char> name, int at)
    {
        // Those that are opened meanwhile have begun here already.
        var (kept, open) = (0, stars.Count);
        for (var index = 0; index < open; index++)
        {
            var star = stars[index];
            if (met[star] % 2 == 1 || tree[star].Last <= best)
                continue;
            stars[kept++] = star;
            Reach(star, name, at);
        }

        stars.RemoveRange(kept, open - kept);
    }

    private void Reach(int reached, ReadOnlySpan<char> name, int at)
    {
        ref readonly var node = ref tree[reached];
        if (node.Last <= best)
            return;
        if (at == name.Length)
        {
            goesOn = true;
            best = Math.Max(best, node.Pattern);
        }

        for (var special = node.Special; special > 0; special = tree[special].Sibling)
            Enter(special, name, at);
        if (at < name.Length && tree.Below(reached, name[at]) is > 0 and var run)
            EnterRun(run, name, at);
    }

    private void EnterRun(int node, ReadOnlySpan<char> name, int at)
    {
        var run = tree.Run(tree[node]);
        var left = name[at..];
        if (left.StartsWith(run))
            Await(node, at + run.Length);
        else
            goesOn |= run.StartsWith(left);
    }

    private void Enter(int entered, ReadOnlySpan<char> name, int at)
    {
        ref readonly var node = ref tree[entered];
        switch (node.Kind)
        {
            case GlobKind.One when GlobClass.Wide(name, at, slashes: !tree.HasSegments) is > 0 and var width:
                Await(entered, at + width);
                break;
            case GlobKind.Class when node.Class!.Width(name, at) is > 0 and var width:
                Await(entered, at + width);
                break;
            case GlobKind.Part when met[entered] / 2 < segment:
                Open(entered, parts, segment, name, at);
                break;
            case GlobKind.Directories when met[entered] / 2 < begin:
                Open(entered, directories, begin, name, at);
                break;
            case GlobKind.Rest:
                // Nothing comes after it but the ends of patterns.
                goesOn = true;
                best = Math.Max(best, node.Last);
                break;
            case GlobKind.Below when at == name.Length || name[at] == '/':
                best = Math.Max(best, node.Last);
                break;
            case GlobKind.Or when met[node.Target] / 2 < begin + at:
                met[node.Target] = (begin + at) * 2;
                Reach(node.Target, name, at);
                break;
        }
    }

    private void Open(int star, List<int> stars, long time, ReadOnlySpan<char> name, int at)
    {
        met[star] = time * 2;
        stars.Add(star);
        if (Earlier(star) is > 0 and var earlier)
            met[earlier] |= 1;
        Reach(star, name, at);
    }

    /// <summary>The star of the same kind, and of the very same patterns, whose place this one takes; 0 for none.</summary>
    private int Earlier(int star)
    {
        var kind = tree[star].Kind;
        for (var at = tree[star].Parent; at > 0; at = tree[at].Parent)
        {
            ref readonly var node = ref tree[at];
            if (node.Children != 1 || node.Pattern >= 0 || node.Kind is GlobKind.Close or GlobKind.Or)
                return 0;
            if (node.Kind == kind)
                return at;
            if (kind is GlobKind.Part && (node.Kind is GlobKind.Directories || (node.Kind is GlobKind.Letter && tree.HasSegments && tree.Run(node).Contains('/'))))
                return 0;
        }

        return 0;
    }

    private void Await(int node, int at)
    {
        if (tree[node].Last <= best)
            return;
        if (free >= 0)
        {
            var entry = free;
            free = due[entry].Next;
            due[entry] = (node, dueAt[at]);
            dueAt[at] = entry;
        }
        else
        {
            due.Add((node, dueAt[at]));
            dueAt[at] = due.Count - 1;
        }
    }
}
