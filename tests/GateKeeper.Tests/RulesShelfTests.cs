using System.Text;
using GateKeeper.Core.Rules;
using GateKeeper.Reconcile;

namespace GateKeeper.Tests;

/// <summary>Where rules files are read: once each, and what a change brings beside the loop.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class RulesShelfTests
{
    private const string Valid = "version: 1\ngates: [{ name: a, require: { linear: true } }]\n";
    private readonly System.Collections.Concurrent.ConcurrentQueue<string> read = [];
    private readonly TaskCompletionSource go = new();

    [Test]
    public async Task What_a_change_brings_is_read_beside_the_loop_and_the_trunks_own_does_not_wait_for_it()
    {
        var shelf = new RulesShelf(Load);

        var slow = shelf.ReadBeside("slow", () => Encoding.UTF8.GetBytes("slow"));
        var behind = shelf.ReadBeside("behind", () => Encoding.UTF8.GetBytes(Valid));
        var own = shelf.Read("own", () => Encoding.UTF8.GetBytes(Valid));

        Assert.That(own.Rules, Is.Not.Null);
        Assert.That((slow.IsCompleted, behind.IsCompleted), Is.EqualTo((false, false)));
        go.SetResult();
        Assert.That((await behind).Rules, Is.Not.Null);
        Assert.That((await slow).Rules, Is.Null);
    }

    [Test]
    public async Task A_file_is_read_once_however_many_bring_it()
    {
        var shelf = new RulesShelf(Load);
        go.SetResult();

        await shelf.ReadBeside("one", () => Encoding.UTF8.GetBytes(Valid));
        shelf.Read("one", () => throw new InvalidOperationException("it is known"));
        await shelf.ReadBeside("one", () => throw new InvalidOperationException("it is known"));

        Assert.That(read, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_fault_of_the_reader_is_an_error_of_the_file_that_shows_it()
    {
        var shelf = new RulesShelf(_ => throw new NotSupportedException("what is this?"));

        var loaded = await shelf.ReadBeside("odd", () => []);

        Assert.That(loaded.Said, Is.EqualTo("1:1: error: gatekeeper cannot read this file, which is a fault of its own (what is this?): report it, with the file"));
    }

    private LoadedRules Load(byte[] content)
    {
        var text = Encoding.UTF8.GetString(content);
        read.Enqueue(text);
        if (text == "slow")
            go.Task.Wait();
        return RulesLoader.Load(content);
    }
}
