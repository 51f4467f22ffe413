using System.Text.RegularExpressions;

namespace GateKeeper.Tests.Gerrit.Imitation;

/// <summary>Words joined by AND, OR, a minus and brackets: how Gerrit writes queries, copy conditions and requirements.</summary>
internal sealed partial class FakeExpression
{
    private readonly List<string> words;
    private int at;

    private FakeExpression(string text) => words = [.. Words().Matches(text).Select(match => match.Value)];

    /// <summary>Whether it holds, where the single terms do or do not; every term is asked.</summary>
    public static bool Holds(string text, Func<string, bool> term)
    {
        var expression = new FakeExpression(text);
        var holds = expression.Any(term);
        return expression.at == expression.words.Count ? holds : throw new FakeRefusal(400, $"line 1:{expression.at} extraneous input");
    }

    /// <summary>Its terms, without their signs.</summary>
    public static IReadOnlyList<string> Terms(string text)
    {
        var terms = new List<string>();
        Holds(text, term =>
        {
            terms.Add(term);
            return true;
        });
        return terms;
    }

    private bool Any(Func<string, bool> term)
    {
        var holds = All(term);
        while (Next("OR"))
            holds |= All(term);
        return holds;
    }

    private bool All(Func<string, bool> term)
    {
        var holds = One(term);
        while (at < words.Count && words[at] is not (")" or "OR"))
        {
            Next("AND");
            holds &= One(term);
        }

        return holds;
    }

    private bool One(Func<string, bool> term)
    {
        if (Next("-") || Next("NOT"))
            return !One(term);
        if (!Next("("))
            return term(words[at++].Replace("\"", "", StringComparison.Ordinal));
        var holds = Any(term);
        Next(")");
        return holds;
    }

    private bool Next(string word)
    {
        if (at >= words.Count || words[at] != word)
            return false;
        at++;
        return true;
    }

    [GeneratedRegex(@"\(|\)|(?<=^|[\s(])-|(?:[^\s()""]|""[^""]*"")+")]
    private static partial Regex Words();
}
