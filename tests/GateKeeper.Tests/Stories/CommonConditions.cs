namespace GateKeeper.Tests.Stories;

/// <summary>What each forge tells of where a change comes from and where it is proposed, and that it says so where it cannot.</summary>
[TestFixtureSource(typeof(ForgeWorld), nameof(ForgeWorld.Kinds))]
public sealed class CommonConditions(string forge)
{
    private const string Gates = """
          - { name: no work in progress, require: { not: { source-branches: ["add-*", feature] } } }
          - { name: not here, require: { not: { repositories: ["*", "*/*"] } } }
          - { name: no such files, require: { not: { paths: ["feature*"] } } }
          - { name: words, require: { message: { not-matches: '(?i)\bfeature', in: [title, commits] } } }
        """;

    [Test]
    public async Task What_a_gate_forbids_is_told_to_the_author_and_what_the_forge_does_not_tell_is_waited_for()
    {
        await using var world = await ForgeWorld.StartAsync(forge, gates: Gates);
        var change = await world.ProposeAsync("feature");
        await world.ApproveAsync(change);

        await world.SettleAsync();

        var (from, repository) = forge switch
        {
            ForgeWorld.PlainGit => ("it comes from feature, and this gate forbids changes from add-*, feature", "tool"),
            ForgeWorld.ImitatedGitHub => ("it comes from add-feature, and this gate forbids changes from add-*, feature", "acme/widgets"),
            _ => ("it is not known whether this is forbidden: Gerrit does not tell which branch a change comes from", "acme/tool"),
        };
        Assert.That(world.Why(change), Does.Contain(from).And.Contain($"it is proposed to {repository}").And.Contain(", and this gate forbids changes in *, */*")
            .And.Contain("it changes feature.txt, and this gate forbids changes to feature*").And.Contain("the title matches (?i)\\bfeature, and must not (\"feature\"); the message of "));
        Assert.That(await world.TrunkLogAsync(), Has.No.Member("Add feature"));
    }
}
