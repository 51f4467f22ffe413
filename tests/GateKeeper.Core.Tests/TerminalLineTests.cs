using GateKeeper.Core.Reports;

namespace GateKeeper.Core.Tests;

/// <summary>What was printed for a terminal, as people read it.</summary>
public sealed class TerminalLineTests
{
    [TestCase("\u001b[1;31mred\u001b[0m", "red")]
    [TestCase("\u001b[38;2;1;2;3mtrue\u001b[m", "true")]
    [TestCase("\u009b31mone character", "one character")]
    [TestCase("\u001b(Bcharset\u001b=", "charset")]
    [TestCase("\u001b]0;title\u0007text", "text")]
    [TestCase("\u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\ after", "link after")]
    [TestCase("\u001b]8;;http://never ended", "")]
    [TestCase("\u001bPdevice\u001b\\text", "text")]
    [TestCase("10%\r50%\r100%", "100%")]
    [TestCase("100%\r", "100%")]
    [TestCase("downloading 100%\rdone", "done")]
    [TestCase("\r[1/9] one\u001b[K\r[9/9] all\u001b[K", "[9/9] all")]
    [TestCase("working\u001b[2K\r", "")]
    [TestCase("working\r\u001b[K", "")]
    [TestCase("old\u001b[1Gnew", "new")]
    [TestCase("-\b\\\b|\bdone", "done")]
    [TestCase("a\tb", "a\tb")]
    [TestCase("a\0\u0001\u007f\u0085b", "ab")]
    [TestCase("a\u202eb\u2066c\u2028d", "abc d")]
    [TestCase("\u001b", "")]
    [TestCase("\u001b[", "")]
    [TestCase("\u001b[31", "")]
    [TestCase("\u001b[3\u00e4", "\u00e4")]
    [TestCase("whole \ud83d\ude00", "whole \ud83d\ude00")]
    public void Is_plain_text(string line, string plain) => Assert.That(TerminalLine.Plain(line), Is.EqualTo(plain));

    [Test]
    public void The_last_lines_are_those_that_say_something_and_each_is_bounded()
    {
        var lines = TerminalLine.Last($"one\ntwo\n\n\u001b[0m\n{new string('x', 5000)} the end\r\n\n", 2, 100);

        Assert.That(lines[0], Is.EqualTo("two"));
        Assert.That(lines[1], Has.Length.EqualTo(100).And.EndsWith("the end"));
        Assert.That(TerminalLine.Plain("half \ud800 a letter"), Is.EqualTo("half \ufffd a letter"));
        Assert.That(TerminalLine.Last("", 3, 10), Is.Empty);
        Assert.That(TerminalLine.Last("only", 3, 10), Is.EqualTo(new[] { "only" }));
    }

    [Test]
    public void Whatever_is_cut_is_cut_between_characters()
    {
        for (var most = 10; most < 40; most++)
            Assert.That(Shortened.Name(string.Concat(Enumerable.Repeat("\ud83d\ude00", 60)), most).EnumerateRunes().Contains(System.Text.Rune.ReplacementChar), Is.False);
    }

    [Test]
    public void However_many_tests_failed_each_has_its_share_and_its_last_line()
    {
        for (var count = 1; count < 40; count++)
        {
            var failed = Enumerable.Range(0, count).Select(i => ($"test{i}", $"ended with exit code 1\nfailing cases: {new string('n', 900)}", string.Join('\n', Enumerable.Range(0, 12).Select(line => $"{new string('y', 230)} {i}.{line}")))).ToList();

            var words = Landing.Words.TestsFailed(failed, "main");

            Assert.That(words.Length, Is.LessThan(4000), $"{count} tests");
            for (var i = 0; i < Math.Min(count, 16); i++)
                Assert.That(words, Does.Contain($"- test{i}: ").And.Contain($" {i}.11"), $"{count} tests");
        }
    }
}
