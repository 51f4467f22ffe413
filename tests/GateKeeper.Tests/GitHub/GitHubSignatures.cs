using GateKeeper.Core.Changes;
using GateKeeper.Core.Rules;
using GateKeeper.Forges.GitHub;

namespace GateKeeper.Tests.GitHub;

/// <summary>Signatures of commits, as GitHub tells of them.</summary>
public sealed class GitHubSignatures
{
    [Test]
    public async Task What_GitHub_finds_good_lands_and_of_the_rest_it_is_said_what_is_wrong()
    {
        await using var world = await StartAsync("signed: true");
        var place = world.Place;
        var (none, bad, later) = (await place.ProposeAsync("ana", "none.txt"), await ProposeAsync(place, "bad", "UNKNOWN_KEY"), await ProposeAsync(place, "later", "GPGVERIFY_UNAVAILABLE"));
        foreach (var number in (int[])[none, bad, later])
            await place.ApproveAsync("bob", number);

        await world.SettleAsync();

        Assert.That(Landed(world), Is.Empty);
        Assert.That(Why(world, none), Does.EndWith(" is not signed"));
        Assert.That(Why(world, bad), Does.EndWith(" is signed with a key that nobody has named to GitHub"));
        Assert.That(Why(world, later), Is.EqualTo("GitHub could not verify a signature just now (GPGVERIFY_UNAVAILABLE), and is asked again"));

        // Nothing that the list of pull requests shows moves when it is verified at last.
        place.Finds(place.Head(later), "VALID");
        await world.SettleAsync();

        Assert.That(Landed(world), Is.EqualTo(new[] { "Add later.txt" }));
    }

    [Test]
    public async Task Who_signed_is_whose_key_it_is()
    {
        await using var world = await StartAsync("signed: { by: core }");
        var place = world.Place;
        var (anas, bobs) = (await ProposeAsync(place, "anas"), await ProposeAsync(place, "bobs", who: "bob"));
        await place.ApproveAsync("bob", anas);
        await place.ApproveAsync("carol", bobs);

        await world.SettleAsync();

        Assert.That(Landed(world), Is.EqualTo(new[] { "Add bobs.txt" }));
        Assert.That(Why(world, anas), Does.EndWith(" is signed by ana, who is not in core"));
    }

    [TestCase(true, "VALID", "Good { Signer = ana, By = ana }")]
    [TestCase(false, "VALID", "Unknown { Why = GitHub says of a signature what this program does not know (VALID) }")]
    [TestCase(true, "NEW_WORD", "Unknown { Why = GitHub says of a signature what this program does not know (NEW_WORD) }")]
    [TestCase(true, "EXPIRED_KEY", "Unknown { Why = GitHub says of a signature what this program does not know (EXPIRED_KEY) }")]
    [TestCase(false, "EXPIRED_KEY", "Bad { Why = is signed with a key that has expired }")]
    [TestCase(false, "OCSP_PENDING", "Unknown { Why = GitHub could not verify a signature just now (OCSP_PENDING), and is asked again }")]
    [TestCase(false, "UNSIGNED", "None { }")]
    public void Only_what_GitHub_calls_valid_in_both_its_words_is_good(bool valid, string state, string found) =>
        Assert.That($"{SignaturesOnGitHub.One(new(valid, state, false, new("ana", 7)), who => new(who.Login))}", Is.EqualTo(found));

    [Test]
    public void What_GitHub_signed_itself_is_good_and_nobodys() =>
        Assert.That(SignaturesOnGitHub.One(new(true, "VALID", true, new("web-flow", 7)), who => new(who.Login)), Is.EqualTo(new CommitSignature.Good("GitHub itself", null)));

    private static Task<GitHubWorld> StartAsync(string require) => GitHubWorld.StartAsync(gates: $"  - {{ name: signed, require: {{ {require} }} }}");

    private static async Task<int> ProposeAsync(GitHubPlace place, string name, string state = "VALID", string who = "ana")
    {
        var number = await place.ProposeAsync(who, $"{name}.txt");
        await place.SignHeadAsync(who, $"add-{name}.txt", state);
        return number;
    }

    private static IEnumerable<string> Landed(GitHubWorld world) => world.House.Notebook.Landings("widgets/main", 20).Select(landing => landing.Title).Reverse();

    private static string Why(GitHubWorld world, int number) => Gate(world.House.Pictures.SelectMany(picture => picture.Plan.Open).Single(status => status.Change.Id.Value == $"{number}").Judgement);

    private static string Gate(Judgement judgement) => judgement.Gates.First(gate => gate.Name == "signed").Reason;
}
