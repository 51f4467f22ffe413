using System.Text.RegularExpressions;
using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;

namespace GateKeeper.Core.Tests;

/// <summary>The matcher says what the regular expressions say that its patterns stand for, of one pattern and of many at once.</summary>
public sealed class GlobTests
{
    private static readonly string[] Pieces =
        ["a", "b", "ab", "c", ".", "/", "/", "/", "*", "*", "?", "**/", "**/", "/**", "{a,b}", "{a/,}", "{,b}", "{a,{b,*}}", "{a,b}{,c}", "{**/,a/}", "{a/**,b}", "[ab]", "[!a]", "[a-c]", @"\*", "\ud83d\ude00", "{aa,ab,ac,ba,bb,bc,ca,cb,cc,a,b,c,aaa,aab,aac,aba,abb}"];

    private static readonly string[] NamePieces = ["a", "b", "c", "a", "b", "ab", ".", "/", "/", "*", "\ud83d\ude00", "\ud83d", "\n"];

    [Test]
    public void One_pattern_matches_what_it_stands_for()
    {
        var random = new Random(1);
        var matches = 0;
        foreach (var pattern in Patterns(random, 2000))
        {
            var (glob, slow) = (Glob.TryParse(pattern, out _)!, Slow(pattern));
            foreach (var name in Names(random, 40, pattern))
            {
                Assert.That(glob.Matches(name), Is.EqualTo(slow.IsMatch(name)), $"{pattern} on {name}");
                matches += slow.IsMatch(name) ? 1 : 0;
            }
        }

        Assert.That(matches, Is.GreaterThan(4000), "or little was tried");
    }

    [Test]
    public void Of_many_patterns_the_last_one_that_matches_decides_and_no_directory_is_left_out_that_holds_what_is_meant()
    {
        var random = new Random(2);
        for (var round = 0; round < 300; round++)
        {
            var texts = Patterns(random, random.Next(2, 30)).Select((pattern, at) => at > 0 && random.Next(4) == 0 ? $"!{pattern}" : pattern).ToList();
            var list = PatternList.Read(texts, PatternOf.Path, (_, problem) => Assert.Fail(problem));
            var slow = texts.Select(text => (LeavesOut: text.StartsWith('!'), Regex: Slow(text.TrimStart('!')))).ToList();
            foreach (var name in Names(random, 40, texts[0]))
            {
                var meant = slow.FindLastIndex(pattern => pattern.Regex.IsMatch(name)) is >= 0 and var last && !slow[last].LeavesOut;
                Assert.That(list.Matches(name), Is.EqualTo(meant), $"{list} on {name}");
                for (var slash = name.IndexOf('/', 1); meant && slash > 0; slash = name.IndexOf('/', slash + 1))
                    Assert.That(list.MayMatchBelow(name[..slash]), $"{list} below {name[..slash]}");
            }
        }
    }

    [TestCase("src/**/*.c", "src", true)]
    [TestCase("src/**/*.c", "sr", false)]
    [TestCase("src/**/*.c", "docs", false)]
    [TestCase("src/lib/a", "src", true)]
    [TestCase("src/lib/a", "src/lib", true)]
    [TestCase("src/lib/a", "src/li", false)]
    [TestCase("src/lib", "src/lib", false)]
    [TestCase("*/a", "x", true)]
    [TestCase("*/a", "x/y", false)]
    public void A_directory_below_which_nothing_is_meant_is_not_walked(string pattern, string directory, bool walked) =>
        Assert.That(PatternList.Of(pattern).MayMatchBelow(directory), Is.EqualTo(walked));

    [Test]
    public void Letter_case_of_labels_is_that_of_regular_expressions()
    {
        var cased = Enumerable.Range(1, 0xFFFF).Select(code => (char)code)
            .Where(letter => !char.IsSurrogate(letter) && (char.ToLowerInvariant(letter) != letter || char.ToUpperInvariant(letter) != letter)).ToList();
        foreach (var letter in cased)
        {
            var (glob, slow) = (Glob.TryParse($"{letter}", out _, PatternOf.Label)!, SlowGlob.Of($"{letter}", PatternOf.Label, RegexOptions.None));
            char[] others = [letter, char.ToLowerInvariant(letter), char.ToUpperInvariant(letter), .. cased.Where(other => char.ToUpperInvariant(other) == char.ToUpperInvariant(letter)), 'k', 'i', 's', '\u212A', '\u0130', '\u0131', '\u017F'];
            foreach (var other in others)
                Assert.That(glob.Matches($"{other}"), Is.EqualTo(slow.IsMatch($"{other}")), $"U+{(int)letter:X4} on U+{(int)other:X4}");
        }
    }

    [Test]
    public void Labels_match_what_they_stand_for()
    {
        var random = new Random(3);
        string[] pieces = ["a", "B", "/", "*", "?", "{a,b}", "k", "{,C*}", "-"], names = ["a", "A", "b", "B", "/", "K", "c", "-", "\ud83d\ude00"];
        for (var round = 0; round < 1000; round++)
        {
            if (Glob.TryParse(Some(random, pieces), out _, PatternOf.Label) is not { } glob)
                continue;
            var slow = SlowGlob.Of(glob.Pattern, PatternOf.Label, RegexOptions.None);
            for (var name = 0; name < 20; name++)
            {
                var label = Some(random, names);
                Assert.That(glob.Matches(label), Is.EqualTo(slow.IsMatch(label)), $"{glob} on {label}");
            }
        }
    }

    [Test]
    public void Lines_of_owners_files_match_what_they_stand_for()
    {
        var random = new Random(4);
        string[] pieces = ["a", "b", "/", "/", "*", "**", "?", ".c", "a", "{a,b}", "(", @"\ "], names = ["a", "b", "/", "/", ".c", "{a,b}", "(", " ", "**"];
        for (var round = 0; round < 400; round++)
        {
            var lines = Enumerable.Range(0, random.Next(1, 40)).Select(_ => Some(random, pieces)).Where(line => OwnersFile.Parse($"{line} x").Problems.Count == 0 && line.Trim() == line).ToList();
            var (file, slow) = (OwnersFile.Parse(string.Concat(lines.Select(line => $"{line} x\n"))), lines.Select(line => Slow(SlowGlob.OfOwners(line))).ToList());
            for (var name = 0; name < 40; name++)
            {
                var path = Some(random, names).Trim('/');
                Assert.That(file.For(path)?.Number ?? 0, Is.EqualTo(slow.FindLastIndex(line => line.IsMatch(path)) + 1), $"{string.Join(' ', lines)} on {path}");
            }
        }
    }

    [TestCase("**/a/**/a/**/a/**/a/**/a/**/a/**/a/**/a/**/a/**/a/**/b", "a/")]
    [TestCase("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", "a")]
    [TestCase("{a,aa,aaa,*}{a,aa,aaa,*}{a,aa,aaa,*}{a,aa,aaa,*}{a,aa,aaa,*}{a,aa,aaa,*}{a,aa,aaa,*}{a,aa,aaa,*}b", "a")]
    [TestCase("**/?*/**/?*/**/?*/**/?*/**/?*/**/?*x", "ab/")]
    public void What_is_made_to_be_slow_ends(string pattern, string part)
    {
        var glob = Glob.TryParse(pattern, out var problem)!;
        Assert.That(problem, Is.Empty);

        Assert.That(glob.Matches(string.Concat(Enumerable.Repeat(part, 20_000))), Is.False);
    }

    private static Regex Slow(string pattern) => SlowGlob.Of(pattern, PatternOf.Path, RegexOptions.None);

    private static IEnumerable<string> Patterns(Random random, int count)
    {
        while (count > 0)
        {
            if (Glob.TryParse(Some(random, Pieces), out _) is not { } glob)
                continue;
            count--;
            yield return glob.Pattern;
        }
    }

    /// <summary>Names at random, and some that are made of the pattern's own letters.</summary>
    private static IEnumerable<string> Names(Random random, int count, string pattern)
    {
        var near = pattern.Replace("**/", "", StringComparison.Ordinal).Replace("*", "a", StringComparison.Ordinal).Replace("?", "b", StringComparison.Ordinal);
        for (var at = 0; at < count; at++)
            yield return at % 4 == 0 ? near[..random.Next(near.Length + 1)] + Some(random, NamePieces) : Some(random, NamePieces);
    }

    private static string Some(Random random, string[] pieces) => string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ => pieces[random.Next(pieces.Length)]));
}
