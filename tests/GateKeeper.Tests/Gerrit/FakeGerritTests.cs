namespace GateKeeper.Tests.Gerrit;

/// <summary>What the imitated server can be told to do, and a real one does when it will.</summary>
public sealed class FakeGerritTests
{
    [Test]
    public async Task A_search_may_lag_behind_what_is_read_by_itself()
    {
        await using var place = (FakeGerrit)await GerritPlace.OpenAsync(GerritPlace.Fake);
        await place.StartAsync(new Dictionary<string, string> { ["a.txt"] = "a\n" });
        var change = await place.PushAsync("ana", "Add one", new Dictionary<string, string> { ["one.txt"] = "x\n" });
        place.IndexLags = true;
        await place.AbandonAsync("ana", change);
        await place.PushAsync("ana", "Add two", new Dictionary<string, string> { ["two.txt"] = "x\n" });

        Assert.That(await FoundAsync(), Is.EqualTo(new[] { "Add one NEW" }));
        Assert.That(await place.StatusAsync(change), Is.EqualTo("ABANDONED"));
        place.IndexLags = false;
        Assert.That(await FoundAsync(), Is.EqualTo(new[] { "Add two NEW" }));

        async Task<IEnumerable<string>> FoundAsync() =>
            (await place.AskAsync(GerritPlace.Gate, "GET", $"changes/?q=project:{Uri.EscapeDataString(place.Project)}+status:open")).Json.AsArray().Select(found => $"{found!["subject"]} {found["status"]}");
    }
}
