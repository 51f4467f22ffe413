using GateKeeper.Core.Changes;

namespace GateKeeper.Core.Tests;

/// <summary>What the messages of commits say, as far as something rests on it.</summary>
public sealed class MessageTests
{
    private const string Picked = "(cherry picked from commit 0123456789012345678901234567890123456789)";

    [TestCase("Title\n\nKey: value", "Key: value")]
    [TestCase("Title\n\nKey:value\n", "Key: value")]
    [TestCase("Title\n\nKey: one\n two\n\tthree\n", "Key: one two three")]
    [TestCase("Title\n\nSigned-off-by: A\n" + Picked + "\n", "Signed-off-by: A")]
    [TestCase("Title\n\nKey: value\n" + Picked + "\n", "Key: value")]
    [TestCase("Title\n\nSigned-off-by: A\n[a: tidied up]\nFixes #12\n", "Signed-off-by: A")]
    [TestCase("Title\n\nKey: value\nFixes #12\n")]
    [TestCase("Title\n\nKey: value\n\n# Conflicts:\n#\ta.txt\n", "Key: value")]
    [TestCase("Title\n\nKey: value\n\nConflicts:\n\ta.txt\n", "Key: value")]
    [TestCase("Title\n\nKey: value\n---\n a.txt | 1 +\n", "Key: value")]
    [TestCase("Title\n\nWords: here\n\nand there\n")]
    [TestCase("Key: value\n")]
    [TestCase("")]
    public void Trailers(string message, params string[] told) =>
        Assert.That(GitTrailers.Of(message).Select(trailer => $"{trailer.Key}: {trailer.Value}"), Is.EqualTo(told));

    [TestCase("Title\n\nCo-authored-by: Bob <bob@example.org>", "bob@example.org")]
    [TestCase("Title\n\nCO-AUTHORED-BY :Bob\n <bob@example.org>\n" + Picked, "bob@example.org")]
    [TestCase("Title\n\nand\nCo-authored-by: Bob <bob@example.org>, Cyd <cyd@example.org>\n", "bob@example.org", "cyd@example.org")]
    [TestCase("Title\n\nCo-authored-by: bob@example.org\n", "bob@example.org")]
    [TestCase("Title\n\nCo-authored-by: Bob\n", "Bob")]
    [TestCase("Title\n\n# Co-authored-by: Bob <bob@example.org>\n\n# Conflicts:\n#\ta.txt", "bob@example.org")]
    [TestCase("Title\nCo-authored-by: Bob <bob@example.org>\n\nMore\n", "bob@example.org")]
    [TestCase("Title\n\nThis is co-authored-by: nobody\n")]
    public void Co_authors(string message, params string[] told) => Assert.That(CoAuthors.Anywhere(message), Is.EqualTo(told));

    [TestCase("Title\n\nCo-authored-by: Bob <bob@example.org>\n\nMore\n")]
    [TestCase("Title\n\nMore\n\nwords\nCo-authored-by: Bob <bob@example.org>\n\n# Conflicts:\n#\ta.txt", "bob@example.org")]
    [TestCase("Title\n\nCo-authored-by: Bob <bob@example.org>\n---\n\nnotes\n", "bob@example.org")]
    public void Those_who_must_be_known_stand_in_the_last_paragraph(string message, params string[] told) => Assert.That(CoAuthors.AtTheEnd(message), Is.EqualTo(told));

    [Test]
    public void Long_messages_are_read_in_no_time()
    {
        var message = "Title\n\n" + string.Concat(Enumerable.Repeat("Co-authored-by: Bob <bob@example.org>\n folded\n", 100_000));

        Assert.That(GitTrailers.Of(message), Has.Count.EqualTo(100_000));
        Assert.That(CoAuthors.AtTheEnd(message), Has.Count.EqualTo(1));
    }
}
