using System.Diagnostics;
using GateKeeper.Core.Changes;

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
