namespace GateKeeper.Core.Changes;

/// <summary>
/// Reads one pattern into its pieces. It keeps in mind how a segment may have begun, through all branches of braces, so that what can match
/// no name, or means something else than it shows, is found wherever it stands.
/// </summary>
internal sealed class GlobSyntax(string pattern, PatternOf of, List<GlobToken> tokens)
{
    private const int MaxDepth = 8;
    private const string Escapable = @"*?[]{},\!#^$:~|()- ";
    private const string NoBranch = @" ~^:?*[\";
    private int at;
    private int depth;
    private int plain = -1;
    private string? problem;

    /// <summary>What can stand before the next character.</summary>
    [Flags]
    private enum Before
    {
        None = 0,
        Start = 1,
        Slash = 2,
        Dots = 4,
        Letter = 8,
        Stars = 16,
    }

    public bool IsDoubtful { get; private set; }

    /// <summary>What is wrong with the pattern, as the end of a sentence that names it; null when nothing is.</summary>
    public string? Read()
    {
        var end = Sequence(Before.Start);
        return problem ?? ((end & Before.Slash) != 0 ? "ends with a slash, and no name does: write /** for all below a directory"
            : (end & Before.Dots) != 0 ? SegmentOfDots
            : (end & Before.Start) != 0 ? "can stand for no name at all"
            : null);
    }

    private const string SegmentOfDots = "has a segment of dots alone, which no name has: leave . and .. out, write ** for any directories";

    private Before Sequence(Before before)
    {
        while (problem is null && at < pattern.Length && !(depth > 0 && pattern[at] is ',' or '}'))
        {
            var letter = pattern[at++];
            before = letter switch
            {
                '/' when of is not PatternOf.Label => Slash(before),
                '*' when at < pattern.Length && pattern[at] == '*' => Stars(before),
                '*' => Add(before, new(GlobKind.Part)),
                '?' => Add(before, new(GlobKind.One)),
                '[' => Class(before),
                '{' => Braces(before),
                '\\' => Plain(before),
                '}' => Wrong(@"closes a { that was not opened; write \} for the character"),
                ']' => Wrong(@"closes a [ that was not opened; write \] for the character"),
                ',' => Wrong(@"holds a comma: a list has one pattern in each of its entries, and alternatives are {a,b}; write \, for the character"),
                '|' => Wrong(@"holds |: alternatives are {a,b}; write \| for the character"),
                '(' when at >= 2 && plain != at - 2 && pattern[at - 2] is '?' or '*' or '+' or '@' or '!' => Wrong(@"holds a pattern list such as +(a|b), which is not known here: alternatives are {a,b}; write \( for the character"),
                _ => Letter(before, letter),
            };
        }

        return before;
    }

    private Before Slash(Before before)
    {
        if ((before & (Before.Start | Before.Slash)) != 0)
            return Wrong("has an empty segment (two slashes, or one at the beginning), and no name has");
        if ((before & Before.Dots) != 0)
            return Wrong(SegmentOfDots);
        if ((before & Before.Stars) != 0)
            return Wrong("parts ** from its slash; write **/ together");
        tokens.Add(new(GlobKind.Letter, '/'));
        return Before.Slash;
    }

    private Before Stars(Before before)
    {
        at++;
        if (of is PatternOf.Label)
            return Wrong("holds **; a single * stands for anything in a label");
        if ((before & ~(Before.Start | Before.Slash)) != 0 || (at < pattern.Length && pattern[at] is not ('/' or ',' or '}')))
            return Wrong("glues ** to other characters: it stands for whole segments, between slashes; a single * is any part of one");
        if (at < pattern.Length && pattern[at] == '/')
        {
            at++;
            tokens.Add(new(GlobKind.Directories));
            return Before.Slash;
        }

        tokens.Add(new(GlobKind.Rest));
        return Before.Stars;
    }

    private Before Plain(Before before)
    {
        if (at == pattern.Length || !Escapable.Contains(pattern[at], StringComparison.Ordinal))
            return Wrong($"has a \\ that stands before none of {Escapable.TrimEnd()} and space, which it makes plain; directories are parted by /");
        plain = at;
        return Letter(before, pattern[at++]);
    }

    private Before Letter(Before before, char letter)
    {
        if (of is PatternOf.Branch && NoBranch.Contains(letter, StringComparison.Ordinal))
            return Wrong($"holds \"{letter}\", and no branch does");
        var dots = letter == '.' && of is not PatternOf.Label && (before & ~(Before.Start | Before.Slash | Before.Dots)) == 0;
        return Add(before, new(GlobKind.Letter, letter), dots ? Before.Dots : Before.Letter);
    }

    private Before Add(Before before, GlobToken token, Before after = Before.Letter)
    {
        if ((before & Before.Stars) != 0)
            return Wrong("glues ** to other characters: it stands for whole segments, between slashes");
        tokens.Add(token);

        // Through braces a segment can have begun in several ways; each goes on.
        return after;
    }

    private Before Braces(Before before)
    {
        if (++depth > MaxDepth)
            return Wrong($"nests braces deeper than {MaxDepth}");
        var (open, after, alternatives) = (at - 1, Before.None, 0);
        tokens.Add(new(GlobKind.Open));
        while (problem is null)
        {
            var begin = at;
            after |= Sequence(before);
            alternatives++;
            if (problem is not null)
                break;
            if (at == pattern.Length)
                return Wrong(@"opens { and does not close it; write \{ for the character");
            if (pattern.AsSpan(begin, at - begin).Contains("..", StringComparison.Ordinal))
                return Wrong("has a range in braces, which is not known here; name each: {1,2,3}");
            if (pattern[at++] == '}')
                break;
            tokens.Add(new(GlobKind.Or));
        }

        depth--;
        tokens.Add(new(GlobKind.Close));
        return problem is null && alternatives == 1 ? Wrong($"has one alternative alone in braces, {pattern[open..at]}: write {{a,b}}, or \\{{ and \\}} for the characters") : after;
    }

    private Before Class(Before before)
    {
        var negated = at < pattern.Length && pattern[at] is '!' or '^';
        if (negated)
            at++;
        var (items, letters, ranges, begin) = (new List<GlobRange>(), new HashSet<char>(), 0, at);
        while (at < pattern.Length && pattern[at] != ']')
        {
            if (Member() is not { } first)
                return Before.None;
            var last = first;
            if (at + 1 < pattern.Length && pattern[at] == '-' && pattern[at + 1] != ']')
            {
                at++;
                ranges++;
                if (Member() is not { } end)
                    return Before.None;
                if (end < first)
                    return Wrong($"has the range {first}-{end} in [ ], which ends before it begins");
                last = end;
            }

            if (!letters.Add(first) && first == last)
                return Wrong($"names {first} twice in [ ], which stands for one character of those within; write \\[ and \\] for the characters");
            items.Add(new(first, last));
        }

        if (at == pattern.Length || at == begin)
            return Wrong(@"opens [ and does not close it, or holds nothing between; write \[ for the character");
        if (of is PatternOf.Label or PatternOf.Repository)
            return Wrong($@"has [ ], which no pattern of {(of is PatternOf.Label ? "labels" : "repositories")} has; write \[ and \] for the characters");
        at++;
        var whole = (before & ~(Before.Start | Before.Slash)) == 0 && (at == pattern.Length || pattern[at] is '/' or '.');
        IsDoubtful |= whole && !negated && ranges == 0 && letters.Count > 1;
        return Add(before, new(GlobKind.Class, Class: new(negated, [.. items])));
    }

    /// <summary>One character of a class; null, and a problem, when it cannot be one.</summary>
    private char? Member()
    {
        var letter = pattern[at++];
        if (letter == '\\' && at < pattern.Length && Escapable.Contains(pattern[at], StringComparison.Ordinal))
            return pattern[at++];
        if (letter == '[' && at < pattern.Length && pattern[at] is ':' or '.' or '=')
            Wrong("has a named class such as [[:digit:]], which is not known here; write [0-9]");
        else if (letter is '[' or '\\')
            Wrong($@"has a plain {letter} in [ ]; write \{letter} for the character");
        else if (letter == '/')
            Wrong("has a slash in [ ], and a segment holds none");
        else if (char.IsSurrogate(letter))
            Wrong("has a character in [ ] that no class can hold; write it in {a,b}");
        return problem is null ? letter : null;
    }

    private Before Wrong(string why)
    {
        problem ??= why;
        return Before.None;
    }
}
