using System.Runtime.InteropServices;

namespace GateKeeper.Core.Changes;

/// <summary>
/// Many patterns as one: those that begin alike share their beginning, so that a name is held against all of them in one walk. What comes of
/// it is the last pattern that matches, by the order in which they were added. Once it is read it does not change, and any thread may ask it.
/// </summary>
internal sealed class GlobTree
{
    /// <summary>So many ways through braces go on side by side; where there are more, they meet again in one node.</summary>
    private const int MostWays = 16;

    [ThreadStatic]
    private static GlobWalk? walk;

    /// <summary>The runs of letters below nodes that have several, by the node and the letter that they begin with.</summary>
    private readonly Dictionary<long, int> runs = [];
    private readonly PatternOf of;
    private GlobNode[] nodes = new GlobNode[8];
    private char[] letters = new char[16];
    private int lettersCount;
    private int pattern = -1;

    public GlobTree(PatternOf of)
    {
        this.of = of;
        _ = Make(new() { Kind = GlobKind.Open });
    }

    public int Count { get; private set; }

    /// <summary>Whether a slash parts segments.</summary>
    public bool HasSegments => of is not PatternOf.Label;

    private bool IgnoresCase => of is PatternOf.Label or PatternOf.Repository;

    /// <summary>The patterns in order. Each is known to be sound.</summary>
    public static GlobTree Of(IEnumerable<Glob> globs, PatternOf of)
    {
        var (tree, tokens) = (new GlobTree(of), new List<GlobToken>());
        foreach (var glob in globs)
        {
            tokens.Clear();
            _ = new GlobSyntax(glob.Pattern, of, tokens).Read();
            tree.Add(CollectionsMarshal.AsSpan(tokens));
        }

        return tree;
    }

    /// <summary>The number of the last pattern that matches the whole name, from 0; -1 when none does.</summary>
    public int Last(ReadOnlySpan<char> name) => Walk(name).Last;

    /// <summary>Whether a name that goes on after this beginning can match. May say yes too often, never no.</summary>
    public bool MayGoOn(ReadOnlySpan<char> beginning) => Walk(beginning).GoesOn;

    /// <summary>Adds one more; only while nobody asks.</summary>
    public void Add(ReadOnlySpan<GlobToken> tokens)
    {
        pattern++;
        var at = 0;
        foreach (var end in Follow(tokens, ref at, [0]))
            nodes[end].Pattern = pattern;
        nodes[0].Last = pattern;
    }

    public ref readonly GlobNode this[int node] => ref nodes[node];

    public ReadOnlySpan<char> Run(in GlobNode node) => letters.AsSpan(node.Start, node.Length);

    /// <summary>The run of letters below a node that begins with this one; 0 for none.</summary>
    public int Below(int node, char letter) =>
        nodes[node].Runs switch
        {
            0 => 0,
            1 => nodes[node].FirstRun is var run && letters[nodes[run].Start] == letter ? run : 0,
            _ => runs.GetValueOrDefault(Key(node, letter)),
        };

    private (int Last, bool GoesOn) Walk(ReadOnlySpan<char> name)
    {
        if (IgnoresCase)
        {
            var folded = new char[name.Length];
            for (var at = 0; at < name.Length; at++)
                folded[at] = char.ToLowerInvariant(name[at]);
            name = folded;
        }

        return (walk ??= new()).Over(this, name);
    }

    /// <summary>Goes on from each of these nodes by what is left of a pattern, or of one of its alternatives. Answers where that ends.</summary>
    private List<int> Follow(ReadOnlySpan<GlobToken> tokens, ref int at, List<int> ends)
    {
        Span<char> run = stackalloc char[64];
        while (at < tokens.Length && tokens[at].Kind is not (GlobKind.Or or GlobKind.Close))
        {
            var token = tokens[at++];
            if (token.Kind is GlobKind.Open)
            {
                ends = Alternatives(tokens, ref at, ends);
                continue;
            }

            var length = 0;
            if (token.Kind is GlobKind.Letter)
            {
                at--;
                while (at < tokens.Length && tokens[at].Kind is GlobKind.Letter && length < run.Length)
                    run[length++] = IgnoresCase ? char.ToLowerInvariant(tokens[at++].Letter) : tokens[at++].Letter;
            }

            for (var end = 0; end < ends.Count; end++)
                ends[end] = length > 0 ? Letters(ends[end], run[..length]) : Special(ends[end], token);
        }

        return ends;
    }

    private List<int> Alternatives(ReadOnlySpan<GlobToken> tokens, ref int at, List<int> from)
    {
        var ends = new List<int>();
        do
        {
            foreach (var end in Follow(tokens, ref at, [.. from]))
            {
                if (!ends.Contains(end))
                    ends.Add(end);
            }
        }
        while (tokens[at++].Kind is GlobKind.Or);

        if (ends.Count <= MostWays)
            return ends;
        var meet = Make(new() { Kind = GlobKind.Close, Parent = ends[0] });
        foreach (var end in ends)
        {
            var way = Attach(end, new() { Kind = GlobKind.Or });
            nodes[way].Target = meet;
        }

        return [meet];
    }

    /// <summary>A run of letters: it shares as many as it can, and parts from the others where it differs.</summary>
    private int Letters(int node, ReadOnlySpan<char> text)
    {
        while (text.Length > 0)
        {
            var child = Below(node, text[0]);
            if (child == 0)
                return NewRun(node, text);
            var run = Run(nodes[child]);
            var shared = text.CommonPrefixLength(run);
            if (shared < run.Length)
                child = Split(child, shared);
            nodes[child].Last = pattern;
            node = child;
            text = text[shared..];
        }

        return node;
    }

    private int NewRun(int parent, ReadOnlySpan<char> text)
    {
        if (letters.Length < lettersCount + text.Length)
            Array.Resize(ref letters, Math.Max(lettersCount + text.Length, letters.Length * 2));
        text.CopyTo(letters.AsSpan(lettersCount));
        var made = Make(new() { Kind = GlobKind.Letter, Parent = parent, Start = lettersCount, Length = text.Length });
        lettersCount += text.Length;
        ref var node = ref nodes[parent];
        node.Children++;
        if (++node.Runs == 1)
            node.FirstRun = made;
        else if (node.Runs == 2)
            runs.Add(Key(parent, letters[nodes[node.FirstRun].Start]), node.FirstRun);
        if (node.Runs > 1)
            runs.Add(Key(parent, text[0]), made);
        return made;
    }

    /// <summary>Parts a run: a new node takes its place, and the first letters.</summary>
    private int Split(int run, int at)
    {
        var (parent, start) = (nodes[run].Parent, nodes[run].Start);
        var upper = Make(new() { Kind = GlobKind.Letter, Parent = parent, Start = start, Length = at, Children = 1, Runs = 1, FirstRun = run });
        ref var lower = ref nodes[run];
        (lower.Parent, lower.Start, lower.Length) = (upper, start + at, lower.Length - at);
        if (nodes[parent].FirstRun == run)
            nodes[parent].FirstRun = upper;
        if (nodes[parent].Runs > 1)
            runs[Key(parent, letters[start])] = upper;
        return upper;
    }

    private int Special(int node, GlobToken token)
    {
        for (var at = nodes[node].Special; at > 0; at = nodes[at].Sibling)
        {
            if (nodes[at].Kind == token.Kind && Equals(nodes[at].Class, token.Class))
            {
                nodes[at].Last = pattern;
                return at;
            }
        }

        return Attach(node, new() { Kind = token.Kind, Class = token.Class });
    }

    private int Attach(int parent, GlobNode node)
    {
        (node.Parent, node.Sibling) = (parent, nodes[parent].Special);
        var made = Make(node);
        nodes[parent].Special = made;
        nodes[parent].Children++;
        return made;
    }

    private int Make(GlobNode node)
    {
        if (Count == nodes.Length)
            Array.Resize(ref nodes, Count * 2);
        (node.Pattern, node.Last) = (-1, pattern);
        nodes[Count] = node;
        return Count++;
    }

    private static long Key(int node, char letter) => ((long)node << 16) | letter;
}
