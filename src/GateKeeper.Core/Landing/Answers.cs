using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;
using GateKeeper.Core.Rules;

namespace GateKeeper.Core.Landing;

/// <summary>
/// Answers what people ask on a change, each time of asking once: what comes of it, or that the rules do not let them. Who asked to land
/// is told again when something else than before stands in the way, and not while nothing changed.
/// </summary>
internal static class Answers
{
    public static IEnumerable<Effect> To(Snapshot now, Lazy<ValueList<Progress>> open)
    {
        foreach (var change in now.Changes.Where(change => change.Requests.Count > 0))
        {
            var record = now.Queue.GetValueOrDefault(change.Id) is { } known && known.Revision == change.Current.Commit ? known : null;
            var progress = new Lazy<Progress>(() => open.Value.First(progress => progress.Change.Id == change.Id));
            foreach (var request in change.Requests.Where(request => request.On == change.Current.Commit))
            {
                var around = now.Around(change);
                var may = Asked.May(now.Rules, request, around);
                var (topic, words) = !may ? Refusal(request, now)
                    : Overrides.WhyNot(now.Rules, request, around) is { } vain ? (Topics.Answered(request), new(() => $"{request.Kind.ToString().ToLowerInvariant()}: {vain}."))
                    : Answer(request, change, now, progress);
                if (now.FirstSight)
                    yield return new Effect.Pass(change.Current, topic);
                else if (record?.Told.Contains(topic) != true && (may || record?.Told.Contains(Topics.Answered(request)) != true))
                    yield return new Effect.Tell(change.Current, topic, words.Value, Said.Nothing);
            }
        }
    }

    /// <summary>
    /// A request whose comment somebody deleted or edited: what opens counts no more, what holds up stays, and people are told which. While
    /// something of a change could not be read, nothing is known to be gone.
    /// </summary>
    public static IEnumerable<Effect> ToGone(Snapshot now)
    {
        foreach (var change in now.Changes.Where(change => change.Unknowns.Count == 0))
        {
            if (now.Queue.GetValueOrDefault(change.Id) is not { } record || record.Revision != change.Current.Commit)
                continue;
            var there = change.Requests.Select(request => (request.Kind, request.Order)).ToHashSet();
            var answered = Topics.AnsweredOf(record).Where(item => IsWorthTelling(item.Kind, item.Order, now) && !there.Contains(item));
            var gone = answered.Select(item => (item.Kind, item.Order, By: (string?)null))
                .Concat(change.Requests.Where(request => request.IsGone).Select(request => (request.Kind, request.Order, By: (string?)request.By.Name)));
            foreach (var (kind, order, by) in gone.Distinct().Where(item => !record.Told.Contains(Topics.Gone(item.Kind, item.Order))))
                yield return new Effect.Tell(change.Current, Topics.Gone(kind, order), Words.Gone(kind, by), Said.Nothing);
        }
    }

    /// <summary>Whether anything rests on a request still. A hold that stands is remembered, and told as such.</summary>
    private static bool IsWorthTelling(RequestKind kind, long order, Snapshot now) => kind switch
    {
        RequestKind.Explain or RequestKind.Test or RequestKind.Hold => false,
        RequestKind.Freeze or RequestKind.Unfreeze => now.Asked?.Order == order && now.Asked.Frozen == (kind is RequestKind.Freeze),
        _ => true,
    };

    private static (string Topic, Lazy<string> Words) Answer(Request request, Change change, Snapshot now, Lazy<Progress> progress)
    {
        var (topic, by) = (Topics.Answered(request), request.By);
        return request.Kind switch
        {
            RequestKind.Explain => (topic, new(() => $"As you asked: {Words.Standing(progress.Value)}")),
            RequestKind.Land => Landing(topic, request, progress),
            RequestKind.Hold => Said($"held, as {by} asked{Reason(request)}. /gatekeeper unhold lifts it."),
            RequestKind.Unhold => Said(Asked.Holds(now.Rules, now.Around(change)) is [var hold, ..] ? $"still held by {hold.By}: who set a hold lifts it, or somebody else than the author whom the rules let hold." : $"no longer held, as {by} asked."),
            RequestKind.Retry => Said($"its failures are forgotten and its tests are run again, as {by} asked."),
            RequestKind.Test => Said($"its tests are run, as {by} asked."),
            RequestKind.Priority => Said($"priority {request.Argument}, as {by} asked."),
            RequestKind.Freeze => Said($"{now.Trunk} is frozen, as {by} asked{Reason(request)}: it is tested, and nothing lands. /gatekeeper unfreeze lifts it."),
            RequestKind.Unfreeze => Said($"{now.Trunk} is no longer frozen by request, as {by} asked."),
            RequestKind.Override => Said($"{by} asks to lift the gate \"{request.Argument}\" for this revision{Reason(request)}. Somebody else of {string.Join(", ", now.Rules.May.Override?.Second ?? [])} confirms it with /gatekeeper confirm; until then the gate stands."),
            _ => (topic, new(() => progress.Value.Judgement.Overridden is { Count: > 0 } lifted ? $"confirmed by {by}: {string.Join("; ", lifted)}" : $"{by} confirmed, and there is nothing that {by} could confirm: an override is asked for first, by somebody else, for this very revision.")),
        };

        (string, Lazy<string>) Said(string words) => (topic, new(words));
    }

    private static (string, Lazy<string>) Landing(string topic, Request request, Lazy<Progress> progress)
    {
        var blocking = progress.Value.Judgement.Missing.Where(verdict => verdict.Cures.Count > 0 || verdict.Decision is Decision.Block).Select(verdict => verdict.Name).Distinct().ToList();
        return blocking.Count == 0
            ? (topic, new(() => $"it lands by itself, as {request.By} asked, when its tests have passed and its turn has come."))
            : ($"{topic} {string.Join(' ', blocking)}", new(() => $"{request.By} asked to land it. Before it lands:\n{Words.Missing(progress.Value.Judgement)}"));
    }

    private static (string, Lazy<string>) Refusal(Request request, Snapshot now)
    {
        var who = now.Rules.May.For(request.Kind);
        var word = request.Kind.ToString().ToLowerInvariant();
        return (Topics.Refused(request), new(who.Count == 0
            ? $"{request.By}: the rules let nobody ask for {word} here (may.{word} in {now.RulesPath})."
            : $"{request.By} may not ask for {word} here: the rules let {string.Join(", ", who)}."));
    }

    private static string Reason(Request request) => request.Reason.Length > 0 ? $" ({request.Reason})" : "";
}
