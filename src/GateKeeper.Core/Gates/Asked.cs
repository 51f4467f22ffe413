using GateKeeper.Core.Changes;

namespace GateKeeper.Core.Gates;

/// <summary>One of those named asked to land this very revision. "author" names the change's author.</summary>
public sealed record GoAhead(ValueList<string> From) : Requirement
{
    public const string Author = "author";

    public override IEnumerable<string> Groups => From.Where(name => name != Author);

    public override Verdict Judge(Circumstances now)
    {
        const string name = "somebody says go";
        var asked = now.Change.Requests.Where(request => request.Kind is RequestKind.Land).ToList();
        var counted = asked.Find(request => request.On == now.Change.Current.Commit && From.Any(from => Is(from, request.By, now)));
        if (counted is not null)
            return Verdict.Pass(name, $"{counted.By} asked to land it");
        if (Unreadable(name, now, [.. Groups]) is { } unreadable)
            return unreadable;

        ValueList<string> lapsed = [.. asked.Where(request => request.On != now.Change.Current.Commit).Select(request => $"{request.By} asked for {request.On}, now it is {now.Change.Current.Commit}").Distinct()];
        return Verdict.Wait(name, string.Join("; ", lapsed.Prepend($"nobody of {string.Join(", ", From)} asked to land it (/gatekeeper land)")), [.. From.Select(Cure)]) with { Uncounted = lapsed };

        string Cure(string from) => from == Author ? now.Change.Author.Name : $"@{from}";
    }

    internal static bool Is(string from, Account by, Circumstances now) =>
        from == Author ? by == now.Change.Author : now.People.Has(from, by);
}

/// <summary>Each test named has passed on the candidate's key.</summary>
public sealed record TestsPass(ValueList<string> Names) : Requirement
{
    public override Verdict Judge(Circumstances now)
    {
        var verdicts = Names.Select(test => Judge(test, now));
        return Verdict.All($"tests: {string.Join(", ", Names)}", verdicts);
    }

    private static Verdict Judge(string test, Circumstances now)
    {
        var name = $"test {test}";
        var standing = now.Tests.GetValueOrDefault(test) ?? new TestStanding.Unknown("not run yet");
        return standing switch
        {
            TestStanding.Passed passed => Verdict.Pass(name, $"{test} passed{passed.Evidence}"),
            TestStanding.Failed { ForGood: true } failed => Failed(failed),
            _ when now.AssumeTests => Verdict.Pass(name, $"{test}: assumed to pass"),
            TestStanding.Failed failed => Failed(failed),
            TestStanding.Running running => Verdict.Wait(name, $"{test} is running{running.Where}"),
            TestStanding.Unknown unknown => Verdict.Wait(name, $"{test}: {unknown.Why}"),
            _ => Verdict.Wait(name, $"{test}: not known"),
        };

        Verdict Failed(TestStanding.Failed failed) => Verdict.Block(name, $"{test} failed: {failed.Why}") with { LastLines = failed.LastLines };
    }
}
