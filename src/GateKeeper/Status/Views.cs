using System.Text.Json;
using GateKeeper.Core.Gates;
using GateKeeper.Core.Landing;
using GateKeeper.Reconcile;
using GateKeeper.Store;

namespace GateKeeper.Status;

internal sealed record VerdictView(string Name, string Decision, string Reason, IEnumerable<string> Cures, IEnumerable<VerdictView> Parts)
{
    /// <summary>What a failed test printed last; null where there is none.</summary>
    public string? LastLines { get; init; }

    public static VerdictView Of(Verdict verdict) =>
        new(verdict.Name, JsonNamingPolicy.CamelCase.ConvertName(verdict.Decision.ToString()), verdict.Reason, verdict.Cures, verdict.Parts.Select(Of)) { LastLines = verdict.LastLines.Length > 0 ? verdict.LastLines : null };
}

/// <summary>A change as page, API and command tell of it, whether it is open or has landed.</summary>
internal sealed record ChangeView(
    string Trunk, string Id, string Title, string Author, string Revision, string Outcome, string Note, int? Place, string? Candidate, IEnumerable<VerdictView> Verdicts, IEnumerable<VerdictView> Missing)
{
    /// <summary>What it is called among all that the worker looks after: REPOSITORY/ID.</summary>
    public string Name => ChangeName.Of(Trunk, new(Id)).ToString();

    public string? Description { get; init; }

    /// <summary>When it will have landed if all goes as it did before; null where that cannot be said.</summary>
    public DateTimeOffset? Expected { get; init; }

    /// <summary>Whether the worker only observes, so that nothing lands by it.</summary>
    public bool Observing { get; init; }

    /// <summary>When, as what and on what evidence it landed; null while it is open.</summary>
    public LandingView? Landing { get; init; }

    public IEnumerable<RunView>? Runs { get; init; }

    public static ChangeView Of(TrunkPicture picture, Progress status) => new(
        picture.Key, status.Change.Id.Value, status.Change.Title, status.Change.Author.Name, status.Change.Current.Commit.Hex, status.Outcome, status.Note, status.Place, status.Candidate?.Hex,
        status.Judgement.Gates.Concat(status.Judgement.Obstacles).Select(VerdictView.Of), status.Judgement.Missing.Select(VerdictView.Of))
    { Description = status.Change.Description, Expected = status.Expected, Observing = picture.Observing };

    public static ChangeView Of(LandingRecord landing) =>
        new(landing.Trunk, landing.Change.Value, landing.Title, landing.Author.Name, landing.Revision.Hex, "landed", "", null, null, [], []) { Landing = LandingView.Of(landing) };
}

/// <summary>A vote as it stood when the change landed.</summary>
internal sealed record VoteView(string By, string Value, string On)
{
    /// <summary>Reads what the evidence holds: who, what, and the commit that it was cast on.</summary>
    public static VoteView Of(string written)
    {
        var words = written.Split(' ');
        return words.Length < 3 ? new(written, "", "") : new(string.Join(' ', words[..^2]), words[^2].ToLowerInvariant(), words[^1]);
    }
}

/// <summary>A landing with the evidence that was kept of it: the gates as they passed, and the votes.</summary>
internal sealed record LandingView(
    string Trunk, string Change, string Revision, string Commit, string Title, string Author, DateTimeOffset At, string? Uploader, IReadOnlyList<string> Gates, IReadOnlyList<VoteView> Votes)
{
    private sealed record Evidence(string? Uploader = null, IReadOnlyList<string>? Gates = null, IReadOnlyList<string>? Votes = null);

    public static LandingView Of(LandingRecord landing)
    {
        var evidence = Read(landing.Evidence);
        return new(
            landing.Trunk, landing.Change.Value, landing.Revision.Hex, landing.Commit.Hex, landing.Title, landing.Author.Name, landing.At,
            evidence.Uploader, evidence.Gates ?? [], [.. (evidence.Votes ?? []).Select(VoteView.Of)]);
    }

    /// <summary>What cannot be read is shown as nothing: the journal, not this copy of it, is what counts.</summary>
    private static Evidence Read(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<Evidence>(json, Api.Json) ?? new();
        }
        catch (JsonException)
        {
            return new();
        }
    }
}

internal sealed record RunView(
    long Id, string Trunk, string Test, string Change, string Revision, string Base, string Commit, string Purpose, DateTimeOffset StartedAt, DateTimeOffset? EndedAt, string? Outcome, string Summary)
{
    public static RunView Of(RunRecord run) => new(
        run.Id, run.Trunk, run.Test, run.Change.Value, run.Revision.Hex, run.Base.Hex, run.Commit.Hex, run.Purpose.ToLowerInvariant(), run.StartedAt, run.EndedAt, run.Outcome is null ? null : Say(run), run.Summary);

    /// <summary>How a run ended, in the words that people use.</summary>
    public static string Say(RunRecord run) => run.Outcome switch
    {
        null => "running",
        nameof(RunOutcome.Lost) => "infrastructure lost",
        var outcome => outcome.ToLowerInvariant(),
    };
}

internal sealed record TrunkListing(string Trunk, string Tip, string? Closed, string? RulesProblem, int? Window, IEnumerable<string> Red, IEnumerable<ChangeView> Changes)
{
    /// <summary>What the forge still lets the gate ask, where it counts.</summary>
    public string? Figures { get; init; }

    /// <summary>Whether the worker only observes, so that nothing lands by it.</summary>
    public bool Observing { get; init; }

    public static TrunkListing Of(TrunkPicture picture) => new(
        picture.Key, picture.Tip.Hex, picture.Closed, picture.Snapshot?.RulesProblem, picture.Snapshot?.Window, picture.Plan.Red, picture.Plan.Open.Select(status => ChangeView.Of(picture, status)))
    {
        Figures = picture.Figures,
        Observing = picture.Observing,
    };
}
