using System.Diagnostics;
using GateKeeper.Core.Changes;
using GateKeeper.Core.Landing;

namespace GateKeeper.Core.Tests;

/// <summary>Anybody can stack as many changes as he likes, or name as many as he likes: that ends no worker and delays nobody.</summary>
public sealed class StackTests
{
    private const int Many = 3000;
    private const int SmallStack = 256 << 10;

    [TestCase(1, TestName = "A stack of thousands on a change that nobody approved")]
    [TestCase(0, TestName = "A stack of thousands that may land")]
    [TestCase(Many, TestName = "A circle of thousands")]
    public void Thousands(int odd)
    {
        var world = new ToyWorld(1);
        for (var number = Many + 1; number > 1; number--)
            world.Open[number] = Stacked(number, number - 1);
        world.Open[2] = odd switch
        {
            0 => world.Open[2] with { DependsOn = [] },
            1 => Make.Change(2),
            _ => Stacked(2, Many + 1),
        };

        var reason = Decided(world, out var first);

        Assert.That(first, Is.EqualTo(odd == 0 ? "2" : "1"), "who was proposed first of those that may land");
        Assert.That(reason, Does.Contain(odd switch { 0 => "not", 1 => $"depends on {Many}, which is not ready to land", _ => "in a circle: 10, 100, 1000, 1001, 1002 and 2995 more" }));
    }

    [Test]
    public void Who_names_thousands_that_are_not_there_is_told_some_of_them()
    {
        var world = new ToyWorld(1);
        world.Open[2] = Make.Change(2).Approved("bob") with { DependsOn = [.. Enumerable.Range(100, Many).Select(number => new Dependency(new($"{number}"), null, $"{number}", Landed: false))] };

        Assert.That(Decided(world, out _, 2), Does.Contain($"depends on {Many - 20} more that are not open").And.Length.LessThan(2000));
    }

    [TestCase("squash", true)]
    [TestCase("rebase", true)]
    [TestCase("squash", false, TestName = "By its name alone")]
    [TestCase("merge", false, TestName = "By its name alone, where merges land")]
    public void A_child_is_judged_and_tested_on_what_it_depends_on(string method, bool holds)
    {
        var world = Stack(method, holds);
        world.Settle();

        Assert.That(world.Said.Where(words => words.Contains("conflict", StringComparison.Ordinal)), Is.Empty);
        Assert.That(world.Said, Has.One.StartsWith("1: tests passed on"));
        Assert.That(world.Said, Has.One.Match(@"\A2: tests passed on [0-9a-f]{10} \(main with 1, which it depends on\): unit\."));
        Assert.That(world.Said, Has.One.Match(@"\A3: tests passed on [0-9a-f]{10} \(main with 2, which it depends on\): unit\."));

        foreach (var number in (int[])[3, 2, 1])
            world.Open[number] = world.Open[number].Approved("bob");
        world.Settle();

        Assert.That(world.Landed, Is.EqualTo(new[] { 1, 2, 3 }));
        Assert.That(world.MostRuns, Is.LessThanOrEqualTo(3));
    }

    [Test]
    public void However_high_a_stack_is_a_few_ticks_look_at_all_of_it()
    {
        var world = new ToyWorld(0) { Rules = Make.Rules(ToyWorld.Yaml.Replace("window: 5", "window: 5, method: squash", StringComparison.Ordinal)) };
        for (var number = 1; number <= 300; number++)
            world.Open[number] = Make.Change(number) with { Draft = true, DependsOn = number == 1 ? [] : [new(new($"{number - 1}"), Make.Sha(number - 1), $"{number - 1}", Landed: false)] };
        var ticks = 0;
        for (var effects = world.Plan().Effects; effects.Count > 0 && ticks < 1000; effects = world.Plan().Effects, ticks++)
        {
            foreach (var effect in effects)
                world.Apply(effect);
        }

        Assert.That(ticks, Is.LessThan(100));
    }

    [Test]
    public void A_child_that_does_conflict_with_its_parent_is_told_with_whom()
    {
        var world = Stack("squash", holds: true);
        world.Clashes.Add((1, 2));
        world.Settle();

        Assert.That(world.Said, Has.One.StartsWith("2: conflict: it does not merge with 1, which it depends on, in src/1.c"));
        Assert.That(world.Said, Has.One.StartsWith("3: It does not land yet").And.One.Contains("depends on 2, which does not merge with main; this one is tested when that is mended"));
    }

    [Test]
    public void A_child_of_one_that_conflicts_is_told_that_it_waits_and_is_tested_when_that_is_mended()
    {
        var world = Stack("squash", holds: false);
        world.Move(9);
        world.Clashes.Add((9, 1));
        world.Settle();

        Assert.That(world.Said, Has.One.StartsWith("1: conflict: it does not merge with main"));
        Assert.That(world.Said.Where(words => words.StartsWith('2')), Has.One.Contains("depends on 1, which does not merge with main").And.None.Contains("conflict:"));

        world.Clashes.Clear();
        world.Open[1] = world.Open[1].Pushed(11);
        world.Settle();

        Assert.That(world.Said, Has.One.StartsWith("2: tests passed on"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void What_a_child_waits_for_is_listed_whatever_else_it_lacks(bool holds)
    {
        var world = Stack("squash", holds);
        world.Settle();

        var said = world.Said.Single(words => words.StartsWith("3: tests passed on", StringComparison.Ordinal));
        Assert.That(said, Does.Contain("approvals").And.Contain("depends on 2, which is not ready to land"));
    }

    [Test]
    public void A_child_of_one_that_fails_is_told_that_the_fault_is_older()
    {
        var world = Stack("squash", holds: true);
        world.Bad.Add(1);
        world.Settle();

        Assert.That(world.Said, Has.One.StartsWith("2: tests failed, merged onto").And.One.Contains("1, which it depends on, fails unit too."));
    }

    [Test]
    public void Code_that_waits_for_a_reviewers_word_is_not_run_because_somebody_names_it()
    {
        var world = Stack("merge", holds: false);
        world.RunFor = RunFor.Members;
        world.Open[1] = world.Open[1] with { Author = new("stranger") };
        world.Open[2] = world.Open[2] with { Author = new("bob") };
        world.Edits.Clear();
        world.Settle(between: () => Assert.That(world.Runs.Select(run => world.Tree(run.Order.Commit)).Where(tree => tree.Contains(1)), Is.Empty));

        Assert.That(world.Said, Has.One.StartsWith("2: tests passed on"));
    }

    /// <summary>Three that nobody has approved; each edits what the one below it adds.</summary>
    private static ToyWorld Stack(string method, bool holds)
    {
        var world = new ToyWorld(0) { Rules = Make.Rules(ToyWorld.Yaml.Replace("window: 5", $"window: 5, method: {method}", StringComparison.Ordinal)) };
        for (var number = 1; number <= 3; number++)
        {
            world.Open[number] = Make.Change(number) with { DependsOn = number == 1 ? [] : [new(new($"{number - 1}"), holds ? Make.Sha(number - 1) : null, $"{number - 1}", Landed: false)] };
            if (number > 1)
                world.Edits.Add((number, number - 1));
        }

        return world;
    }

    /// <summary>On a thread with little room: nothing in a plan calls itself once for each change.</summary>
    private static string Decided(ToyWorld world, out string first, int of = Many + 1)
    {
        var (reason, head) = ("", "");
        var thread = new Thread(
            () =>
            {
                var open = world.Plan().Open;
                reason = open.Single(progress => progress.Change.Id.Value == $"{of}").Judgement.Whole.Reason;
                head = open.Where(progress => progress.Place is not null).MinBy(progress => progress.Place)!.Change.Id.Value;
            },
            SmallStack);
        var watch = Stopwatch.StartNew();
        thread.Start();
        thread.Join();
        TestContext.Out.WriteLine($"{watch.ElapsedMilliseconds} ms");
        first = head;
        return reason;
    }

    private static Change Stacked(int number, int onto) => Make.Change(number).Approved("bob") with { DependsOn = [new(new($"{onto}"), Make.Sha(onto), $"{onto}", Landed: false)] };
}
