namespace GateKeeper.Tests;

/// <summary>A gate that two people lift, on real merges.</summary>
public sealed class OverrideScenarios
{
    private const string Rules = """
        version: 1
        groups: { core: { users: [bob@example.org, carol@example.org] }, owners: { users: [dave@example.org] } }
        tests:
          unit: { run: sh test.sh, retries: 0 }
        may: { override: { from: core, second: core, gates: [lib] } }
        gates:
          - { name: reviewer, require: { approvals: 1, from: core, lifted-by: core } }
          - { name: lib, when: { paths: ["lib/**"] }, require: { approvals: 1, from: owners, lifted-by: owners } }
          - { name: tests, require: { tests: all } }
        """;

    [Test, CancelAfter(60_000)]
    public async Task A_gate_that_only_the_merge_brings_in_is_lifted_and_named_in_what_lands(CancellationToken cancellation)
    {
        await using var world = await World.StartAsync(Rules);
        var change = await world.ProposeAsync("edit", "a.txt", "b\n");
        world.People.Push("main", "mallory", "Move it", new Dictionary<string, string?> { ["a.txt"] = null, ["lib/a.txt"] = "a\n" });
        await world.ApproveAsync(change);
        await world.OpenAsync();
        await world.House.SettleAsync(cancellation);
        Assert.That(world.Status(change).Judgement.Missing.Select(verdict => verdict.Name), Has.Some.Contain("lib"));

        await world.SayAsync(change, "bob", "/gatekeeper override \"lib\" the owner is away");
        await world.SayAsync(change, "carol", "/gatekeeper confirm");
        await world.House.SettleAsync(cancellation);

        Assert.That(world.TrunkLog, Has.Some.EqualTo("Add edit"));
        Assert.That(await world.GitAsync("show", "main:lib/a.txt"), Is.EqualTo("b"));
        Assert.That(await world.GitAsync("log", "-1", "--format=%B", "main"), Does.Contain("lib: OVERRIDDEN by bob@example.org, confirmed by carol@example.org: the owner is away"));
    }
}
