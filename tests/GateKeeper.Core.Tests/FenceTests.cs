using System.Collections;
using System.Diagnostics.CodeAnalysis;
using GateKeeper.Core.Changes;
using GateKeeper.Core.Landing;

namespace GateKeeper.Core.Tests;

/// <summary>Whatever goes wrong in thinking about one change, the others land as if it were not there.</summary>
public sealed class FenceTests
{
    private static IEnumerable<int> Seeds => Enumerable.Range(1, 60);

    [TestCaseSource(nameof(Seeds))]
    public void Nothing_of_one_change_aborts_another(int seed)
    {
        var world = RandomWorldTests.Random(seed, out var random);
        var odd = world.Open.Keys.ElementAt(seed % world.Open.Count);
        var change = world.Open[odd];
        world.Open[odd] = change with { Votes = [] };
        var without = world.Open.Where(item => item.Key != odd).ToDictionary();
        world.Open.Remove(odd);
        var expected = RandomWorldTests.OneByOne(world);
        world.Open[odd] = change;
        world.Shown = (seed % 3) switch
        {
            0 => snapshot => snapshot with { Candidates = new Broken<Candidate, CandidateFacts>(snapshot.Candidates, candidate => candidate.Revision == change.Current) },
            1 => snapshot => snapshot with { Queue = new Broken<ChangeId, QueueRecord>(snapshot.Queue, id => id == change.Id) },
            _ => snapshot => snapshot with { Results = new Broken<string, KeyRecord>(snapshot.Results, key => key.Split(':')[1].Split(',')[^1] == $"{odd}") },
        };

        world.Settle(random);

        Assert.That(world.Landed, Is.EqualTo(expected));
        Assert.That(without.Keys, Is.SupersetOf(world.Landed));
        var plan = world.Plan();

        // A result that nobody asks for, because the change merges with nothing, troubles nobody.
        if (seed % 3 == 2 && plan.Troubled.Count == 0)
            return;
        Assert.That(plan.Troubled.Select(item => item.Revision), Is.EqualTo(new[] { change.Current }));
        Assert.That(plan.Open.Single(progress => progress.Change.Id == change.Id).Judgement.Passes, Is.False);
        Assert.That(plan.Open.Single(progress => progress.Change.Id == change.Id).Judgement.Whole.Reason, Does.Contain("the gate cannot judge it"));
    }

    [Test]
    public void What_is_wrong_without_any_change_is_no_changes_fault()
    {
        var world = new ToyWorld(2) { Shown = snapshot => snapshot with { TipKeys = new Broken<string, string>(snapshot.TipKeys, _ => true) } };

        Assert.That(() => world.Plan(), Throws.InvalidOperationException);
    }

    [Test]
    public void What_is_left_alone_for_a_while_holds_nobody_up_and_shows_it()
    {
        var world = new ToyWorld(2);
        var parked = new ChangeId("1");
        world.Shown = snapshot => snapshot with
        {
            Queue = new Dictionary<ChangeId, QueueRecord>(snapshot.Queue)
            {
                [parked] = (snapshot.Queue.GetValueOrDefault(parked) ?? new(world.Open[1].Current.Commit)) with { Parked = new("merging it failed", world.Now.AddHours(1), 1) },
            },
        };

        world.Settle();

        Assert.That(world.Landed, Is.EqualTo(new[] { 2 }));
        Assert.That(world.Plan().Open.Single().Note, Is.EqualTo("parked: merging it failed"));
    }

    /// <summary>A dictionary that cannot be asked about some of its keys.</summary>
    private sealed class Broken<TKey, TValue>(IReadOnlyDictionary<TKey, TValue> whole, Func<TKey, bool> where) : IReadOnlyDictionary<TKey, TValue>
        where TKey : notnull
    {
        public IEnumerable<TKey> Keys => whole.Keys;

        public IEnumerable<TValue> Values => whole.Values;

        public int Count => whole.Count;

        public TValue this[TKey key] => whole[Sound(key)];

        public bool ContainsKey(TKey key) => whole.ContainsKey(Sound(key));

        public bool TryGetValue(TKey key, [MaybeNullWhen(false)] out TValue value) => whole.TryGetValue(Sound(key), out value);

        public IEnumerator<KeyValuePair<TKey, TValue>> GetEnumerator() => whole.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        private TKey Sound(TKey key) => where(key) ? throw new InvalidOperationException("broken here") : key;
    }
}
