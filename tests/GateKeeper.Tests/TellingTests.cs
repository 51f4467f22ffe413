using System.Text;
using GateKeeper.Core.Changes;
using GateKeeper.Core.Landing;
using GateKeeper.Forges;
using GateKeeper.Forges.PlainGit;
using GateKeeper.Git;

namespace GateKeeper.Tests;

/// <summary>What the gate says fits into a note, and one message that a server will not have silences no other.</summary>
public sealed class TellingTests
{
    [Test]
    public async Task One_message_that_the_server_refuses_silences_no_other()
    {
        await using var world = await World.StartAsync();
        var (one, two) = (await world.ProposeAsync("one", "one.txt"), await world.ProposeAsync("two", "two.txt"));
        var hook = Path.Combine(world.Url, "hooks", "pre-receive");
        Directory.CreateDirectory(Path.GetDirectoryName(hook)!);
        await File.WriteAllTextAsync(hook, "#!/bin/sh\nwhile read old new ref; do ! git grep -q unwelcome $new -- || { echo 'not such words'; exit 1; }; done\n");
        File.SetUnixFileMode(hook, (UnixFileMode)0b111_101_101);
        using var mirror = await Mirror.OpenAsync(Path.Combine(world.People.Directory, "mirror.git"), world.Url, Path.Combine(world.People.Directory, "home"), null, default);
        await mirror.RefreshAsync(_ => true, default);
        var teller = new NoteTeller(mirror, new("gatekeeper", "gatekeeper@localhost"), null, world.Time);

        Assert.That(async () => await teller.TellAsync([Message(one, "unwelcome"), Message(two, "tests passed")], default),
            Throws.TypeOf<UntoldException>().With.Message.Contains("not such words").And.Message.Contains(one[..10]));
        Assert.That(await world.CommentsAsync(two), Is.EqualTo(new[] { "tests passed" }));
        Assert.That(await world.CommentsAsync(one), Is.Empty);
        Assert.That(async () => await teller.TellAsync([Message(one, "unwelcome")], default), Throws.TypeOf<PartlyToldException>(), "where nothing is taken, it is told again");
    }

    [TestCase(Said.Success, TestName = "Notes on two refs of which somebody moves one while they are pushed are written on top of it")]
    [TestCase(Said.Nothing, TestName = "A note whose ref somebody moves while it is pushed is written on top of it")]
    public async Task What_somebody_pushed_at_the_same_moment_stays_and_the_gate_speaks_on_top_of_it(Said said)
    {
        await using var world = await World.StartAsync();
        var change = await world.ProposeAsync("one", "one.txt");
        await world.SayAsync(change, "carol", "first");
        var first = await world.GitAsync("rev-parse", Notes.Discuss);
        await world.SayAsync(change, "carol", "at the same moment");
        var next = await world.GitAsync("rev-parse", Notes.Discuss);
        await world.GitAsync("update-ref", Notes.Discuss, first);
        await world.HookAsync("pre-receive", $"test -e raced || {{ : > raced; env -u GIT_QUARANTINE_PATH git update-ref {Notes.Discuss} {next}; }}");
        using var mirror = await Mirror.OpenAsync(Path.Combine(world.People.Directory, "mirror.git"), world.Url, Path.Combine(world.People.Directory, "home"), null, default);
        await mirror.RefreshAsync(_ => true, default);

        await new NoteTeller(mirror, new("gatekeeper", "gatekeeper@localhost"), null, world.Time).TellAsync([Message(change, "tests passed", said)], default);

        Assert.That(File.Exists(Path.Combine(world.Url, "raced")));
        Assert.That(await world.CommentsAsync(change), Is.EqualTo(new[] { "tests passed" }));
        Assert.That(await world.GitAsync("log", "--format=%H", Notes.Discuss), Does.Contain(next));
    }

    [Test]
    public async Task An_approval_of_ones_own_is_told_to_be_none()
    {
        await using var world = await World.StartAsync();
        var change = await world.ProposeAsync("feature", "feature.txt", author: "carol");
        await world.SettleAsync();

        await world.ApproveAsync(change, "carol");
        await world.SettleAsync();
        await world.SettleAsync();

        Assert.That(await world.CommentsAsync(change), Has.One.Match("(?s)carol@example.org is the author.*can be met by bob@example.org"));
    }

    [Test]
    public void What_is_said_is_short_enough_for_a_note_and_cuts_no_character_in_two()
    {
        var cut = NoteTeller.Cut(string.Concat(Enumerable.Repeat("\U0001F600", 50_000)) + "x" + string.Concat(Enumerable.Repeat("\u0001", 50_000)));

        Assert.That(GoJson.Canonical(new CommentLine { Author = "gatekeeper@localhost", Description = cut }).Length, Is.LessThan(NoteLines.MaxLine));
        Assert.That(new UTF8Encoding(false, throwOnInvalidBytes: true).GetBytes(cut), Is.Not.Empty);
        Assert.That(cut, Does.Contain("characters left out"));
        Assert.That(NoteTeller.Cut("short"), Is.EqualTo("short"));
    }

    private static Message Message(string change, string words, Said said = Said.Nothing) => new(new(new(change), new CommitSha(change)), words, said);
}
