namespace GateKeeper.Tests.Gerrit;

/// <summary>The imitated server and the real one are the same place: what people do there has the same consequences, without a gate.</summary>
[TestFixture(GerritPlace.Fake)]
[TestFixture(GerritPlace.Real)]
public sealed class GerritPlaces(string kind)
{
    [Test]
    public async Task A_change_is_pushed_voted_on_and_pushed_again()
    {
        await using var place = await StartAsync();
        var change = await place.PushAsync("ana", "Add one", Files("one.txt"));
        Assert.That(change.PatchSet, Is.EqualTo(1));
        await place.VoteAsync("bob", change, "Code-Review", 2, "fine");
        Assert.That(await place.LabelAsync(change, "Code-Review", "bob"), Is.EqualTo(2));

        var again = await place.PushAsync("ana", "Add one", Files("two.txt"), amend: change);

        Assert.That(again.PatchSet, Is.EqualTo(2));
        Assert.That(await place.LabelAsync(again, "Code-Review", "bob"), Is.Null);
        foreach (var update in await place.LogAsync(again))
            TestContext.Out.WriteLine($"{update.Author}\n{update.Text}\n---");
    }

    private static Dictionary<string, string> Files(string path) => new() { [path] = path + "\n" };

    private async Task<GerritPlace> StartAsync()
    {
        var place = await GerritPlace.OpenAsync(kind);
        await place.StartAsync(new Dictionary<string, string> { ["rules.yaml"] = "version: 1\n", ["a.txt"] = "a\n" });
        return place;
    }
}
