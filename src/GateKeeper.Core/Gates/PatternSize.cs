namespace GateKeeper.Core.Gates;

/// <summary>
/// How many steps a regular expression has if every <c>{n,m}</c> in it is written out; each counts ten times for every other <c>{n,m}</c>
/// around it, and five times where a star or plus repeats it. That is what matching costs, also where it takes time linear in the text:
/// a few letters can stand for minutes.
/// </summary>
internal static class PatternSize
{
    /// <summary>One pattern may have so many: lines of at most 100 letters can be said, and few patterns cost seconds, with texts that are made for it.</summary>
    public const int Most = 700;

    private const int Nested = 10;
    private const int Repeated = 5;
    private const long Endless = 1_000_000_000;

    public static long Of(string text)
    {
        var groups = new Stack<(long Sum, bool Counts)>();
        var (sum, counts) = (0L, false);
        var (last, lastCounts) = (0L, false);
        for (var at = 0; at < text.Length; at++)
        {
            switch (text[at])
            {
                case '(':
                    groups.Push((sum, counts));
                    (sum, counts, last, lastCounts) = (0, false, 0, false);
                    break;
                case ')' when groups.TryPop(out var before):
                    (last, lastCounts) = (Math.Max(1, sum), counts);
                    (sum, counts) = (Math.Min(Endless, before.Sum + last), before.Counts || counts);
                    break;
                case '{' when Times(text, at) is var (times, end):
                    var more = Math.Min(Endless, last * Math.Max(1, times)) * (lastCounts && times > 1 ? Nested : 1);
                    sum = Math.Min(Endless, sum - last + more);
                    (last, lastCounts) = (Math.Min(Endless, more), lastCounts || times > 1);
                    (counts, at) = (counts || times > 1, end);
                    break;
                case '*' or '+' when lastCounts:
                    sum = Math.Min(Endless, sum + (last * (Repeated - 1)));
                    (last, lastCounts) = (Math.Min(Endless, last * Repeated), false);
                    break;
                case '|' or '?' or '*' or '+':
                    break;
                default:
                    at = Atom(text, at);
                    (sum, last, lastCounts) = (sum + 1, 1, false);
                    break;
            }
        }

        return Math.Min(Endless, sum + groups.Sum(group => group.Sum));
    }

    /// <summary>Where the one character, escape or class ends that begins here.</summary>
    private static int Atom(string text, int at)
    {
        if (text[at] == '\\')
            return at + 2 < text.Length && text[at + 1] is 'p' or 'P' && text[at + 2] == '{' && text.IndexOf('}', at) is > 0 and var close ? close : at + 1;
        if (text[at] != '[')
            return at;

        // A bracket that comes first in a class is one of its characters.
        var first = at + (at + 1 < text.Length && text[at + 1] == '^' ? 2 : 1);
        for (var inside = first; inside < text.Length; inside++)
        {
            if (text[inside] == ']' && inside > first)
                return inside;
            if (text[inside] == '\\')
                inside++;
        }

        return at;
    }

    /// <summary>The most that is said by {n}, {n,} or {n,m}, and where it ends; null where these are letters.</summary>
    private static (long Times, int End)? Times(string text, int at)
    {
        var end = at + 1;
        var (least, most) = (Number(text, ref end), (long?)null);
        if (least is null)
            return null;
        var open = end < text.Length && text[end] == ',';
        if (open)
        {
            end++;
            most = Number(text, ref end);
        }

        return end < text.Length && text[end] == '}' ? (most ?? (open ? least.Value + 1 : least.Value), end) : null;
    }

    private static long? Number(string text, ref int at)
    {
        var (begin, number) = (at, 0L);
        for (; at < text.Length && char.IsAsciiDigit(text[at]); at++)
            number = Math.Min(Endless, (number * 10) + text[at] - '0');
        return at > begin ? number : null;
    }
}
