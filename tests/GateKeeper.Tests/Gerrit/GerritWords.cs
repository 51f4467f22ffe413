namespace GateKeeper.Tests.Gerrit;

/// <summary>The words of what lands on Gerrit.</summary>
[TestFixture(GerritPlace.Fake)]
[TestFixture(GerritPlace.Real)]
public sealed class GerritWords(string kind)
{
    [TestCase("merge")]
    [TestCase("squash")]
    [TestCase("rebase")]
    public async Task Footers_among_other_words_leave_nothing_half_done_in_the_message(string method)
    {
        await using var world = await GerritWorld.StartAsync(kind, $"landing: {{ method: {method} }}");
        var change = await world.Place.PushWordsAsync("ana", "Mend it\n\nWhat was wrong.\n\n(cherry picked from commit 0123456789012345678901234567890123456789)\nSigned-off-by: ana <ana@example.org>\nChange-Id: ID\n", "mend.txt");
        await world.ApproveAsync(change);

        await world.SettleAsync();

        var words = (await world.Place.CommitAsync(await world.Place.TipAsync())).Message;
        Assert.That(words, Does.Contain("What was wrong.").And.Not.Contain("(Change-Id"));
        Assert.That(words.Split(change.ChangeId).Length - 1, Is.EqualTo(method == "merge" ? 0 : 1), words);
        Assert.That(await world.Place.StatusAsync(change), Is.EqualTo("MERGED"));
        Assert.That(world.Alarms, Is.Empty);
    }
}
