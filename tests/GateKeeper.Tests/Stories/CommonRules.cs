namespace GateKeeper.Tests.Stories;

/// <summary>What somebody proposes for the rules file is that change's affair on every forge, whatever is in it.</summary>
[TestFixtureSource(typeof(ForgeWorld), nameof(ForgeWorld.Kinds))]
public sealed class CommonRules(string forge)
{
    private static readonly string[] Landed = ["The beginning", "Add feature"];

    [TestCase("groups: { core: { users: [x] }\nversion: 1\n", "2:1: error: this is no YAML; the { at 1:9 is not closed before: a } may be missing", TestName = "A brace that is missing in a proposed rules file is that change's error")]
    [TestCase("version: 1 \u2028gates: []\n", "1:12: error: the character U+2028 is not allowed", TestName = "A line that ends unseen in a proposed rules file is that change's error")]
    public async Task A_typo(string text, string error)
    {
        await using var world = await ForgeWorld.StartAsync(forge);
        var odd = await world.ProposeAsync("odd", "rules.yaml", text: text);
        var change = await world.ProposeAsync("feature");
        await world.ApproveAsync(change);
        await world.ApproveAsync(odd);

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(Landed));
        Assert.That(world.Why(odd), Does.Contain($"the rules.yaml it brings is invalid: {error}"));
        Assert.That(await world.ShownAsync(odd), Does.Contain(error[(error.IndexOf("error: ", StringComparison.Ordinal) + 7)..].Split(';')[0]));
        Assert.That(world.Alarms, Is.Empty);
    }

    [Test]
    public async Task A_rules_file_that_is_mended_lands_as_any_other()
    {
        await using var world = await ForgeWorld.StartAsync(forge);
        var change = await world.ProposeAsync("words", "rules.yaml", text: $"# what this is for\n{await world.TrunkFileAsync("rules.yaml")}");
        await world.ApproveAsync(change);

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Has.Member("Add words"));
    }

    [Test]
    public async Task A_rules_file_full_of_mistakes_costs_little_and_is_answered_in_few_words()
    {
        await using var world = await ForgeWorld.StartAsync(forge);
        var odd = await world.ProposeAsync("odd", "rules.yaml", text: "version: 1\ngroups:\n" + string.Concat(Enumerable.Range(0, 2500).Select(i => $"  g{i}: {{ groups: [g{i + 1}] }}\n")));

        await world.SettleAsync();

        Assert.That(world.Why(odd), Does.Contain("more than 20 deep").Or.Contain("which is no group"));
        Assert.That((await world.ShownAsync(odd)).Length, Is.LessThan(20_000));
    }
}
