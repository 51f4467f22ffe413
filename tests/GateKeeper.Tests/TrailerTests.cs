using System.Text;
using GateKeeper.Git;

namespace GateKeeper.Tests;

/// <summary>Trailers are what git says they are.</summary>
public sealed class TrailerTests
{
    private static readonly string[] Lines =
    [
        "Signed-off-by: Ann <ann@example.org>", "signed-off-by: Ann <ann@example.org>", "Co-authored-by: Bob <bob@example.org>", "Co-authored-by:Bob", "Co-authored-by : Bob", "Fixes #12", "Fixes: #12", "Bug #4",
        "(cherry picked from commit 0123456789012345678901234567890123456789)", "[bob: tidied up]", " folded", "\tfolded: so", "  ", "", "", "just words", "# Conflicts:", "#\ta.txt", "# a remark", "Conflicts:", "\ta.txt", "---",
        "--- a/file", "--", "Key with words: value", "Kéy: value", "Key:", "Key:  spaced  ", ": none", "-: dash", "a-b-c: d: e", "https://example.org/x", "Key: value\r", "\r", "é", "Depends-On: I0123", "1: one", "Key\t: tab", "Ends: with \\",
    ];

    [Test]
    public async Task Trailers_are_read_as_git_reads_them()
    {
        var directory = Directory.CreateTempSubdirectory("gatekeeper-trailers-").FullName;
        try
        {
            var random = new Random(2);
            var messages = Enumerable.Range(0, 1500).Select(_ => Message(random)).ToList();
            var files = new List<string>();
            for (var i = 0; i < messages.Count; i++)
            {
                files.Add(Write($"m{i}", messages[i]));
                files.Add(Write($"s{i}", $"x\n\nThe-End-Of: {i}\n"));
            }

            var answer = await new GitProgram(directory, directory).NeedAsync(["interpret-trailers", "--parse", .. files], default);

            var at = 0;
            var told = new List<string>();
            foreach (var line in answer.Text.Split('\n'))
            {
                if (line != $"The-End-Of: {at}")
                {
                    told.Add(line);
                    continue;
                }

                Assert.That(MessageText.Trailers(messages[at]).Select(trailer => $"{trailer.Key}: {trailer.Value}"), Is.EqualTo(told), $"message {at}:\n{messages[at]}");
                told.Clear();
                at++;
            }

            Assert.That(at, Is.EqualTo(messages.Count));
        }
        finally
        {
            Runs.Files.Delete(directory);
        }

        string Write(string name, string text)
        {
            File.WriteAllBytes(Path.Combine(directory, name), Encoding.UTF8.GetBytes(text));
            return name;
        }
    }

    private static string Message(Random random)
    {
        var text = new StringBuilder(random.Next(8) == 0 ? "" : "A title\n");
        if (random.Next(6) > 0)
            text.Append('\n');
        for (var lines = random.Next(1, 12); lines > 0; lines--)
            text.Append(Lines[random.Next(Lines.Length)]).Append('\n');
        if (random.Next(3) == 0)
            text.Append(string.Concat(Enumerable.Repeat("\n", random.Next(3))));
        return random.Next(5) == 0 ? text.ToString().TrimEnd('\n') : text.ToString();
    }
}
