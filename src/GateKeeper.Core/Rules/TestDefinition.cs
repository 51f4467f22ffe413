using System.Globalization;
using System.Text;
using GateKeeper.Core.Changes;

namespace GateKeeper.Core.Rules;

/// <summary>A named test: the gate runs it (<see cref="Run"/>) or somebody reports it (<see cref="Check"/>).</summary>
public sealed record TestDefinition
{
    public required string Name { get; init; }

    /// <summary>A shell command at the root of the candidate's files, in the sandbox; null for a check.</summary>
    public string? Run { get; init; }

    public CheckDefinition? Check { get; init; }

    public PrepareDefinition? Prepare { get; init; }

    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(60);

    /// <summary>The files that the run gets, and no others.</summary>
    public PatternList Inputs { get; init; } = Everything;

    /// <summary>Further runs, for a change in the queue only, before its failure is a fact.</summary>
    public int Retries { get; init; } = 1;

    public ValueList<KeyValuePair<string, string>> Env { get; init; } = [];

    /// <summary>The patterns of its reports, one a line; null where it names none.</summary>
    public string? Junit { get; init; }

    /// <summary>Which of the paths that a run writes are its reports; null where it names none.</summary>
    public PatternList? Reports => Junit is null ? null : PatternList.Read(Junit.Split('\n'), PatternOf.Path, (_, _) => { });

    public bool Voting { get; init; } = true;

    public bool AtProposal { get; init; } = true;

    public bool AtQueue { get; init; } = true;

    public TimeSpan? FreshFor { get; init; }

    /// <summary>A test that can see the network cannot be keyed by content; its key is the candidate's commit.</summary>
    public bool Network { get; init; }

    /// <summary>Whether a run's outcome can rest on the world outside, so that an old pass of the trunk says nothing of today's failure.</summary>
    public bool DependsOnTheWorld => Network || Prepare?.Network == true;

    /// <summary>Whether somebody else tests the candidate, which is published for that.</summary>
    public bool OnCandidate => Check is { OnRevision: false };

    /// <summary>Whether its results belong to what a candidate holds. A report on the revision itself belongs to the revision.</summary>
    public bool IsKeyed => Run is not null || OnCandidate;

    public static PatternList Everything { get; } = PatternList.Of("**");

    public bool SeesEverything => Inputs.MatchesAll;

    /// <summary>
    /// All of the definition that can change how a run ends, length-prefixed, so that no two definitions share an identity. What decides
    /// only what is done with a result (retries, voting) is left out: changing it invalidates nothing.
    /// </summary>
    public string Identity
    {
        get
        {
            var text = new StringBuilder();
            Add(Run ?? Check?.Identity ?? "");
            Add(Junit ?? "");
            Add(Network ? "network" : "");
            Add(Run is null ? "" : Timeout.Ticks.ToString(CultureInfo.InvariantCulture));
            foreach (var (key, value) in Env)
            {
                Add(key);
                Add(value);
            }

            Add(Prepare?.Identity ?? "");
            return text.ToString();

            void Add(string part) => text.Append(CultureInfo.InvariantCulture, $"{part.Length}:").Append(part);
        }
    }
}

/// <summary>A step run once per content of its own inputs; what it leaves is kept and mounted read-only for the runs.</summary>
public sealed record PrepareDefinition(string Run, PatternList Inputs, bool Network, TimeSpan Timeout)
{
    public string Identity => string.Create(CultureInfo.InvariantCulture, $"{Run.Length}:{Run}{(Network ? "network" : "alone")}:{Timeout.Ticks}:{string.Join('\n', Inputs)}");
}

/// <summary>A status that somebody else reports through the forge, and whose report counts.</summary>
public sealed record CheckDefinition
{
    public required string Name { get; init; }

    /// <summary>The source, in the terms of the forge; every pair named must be reported exactly so.</summary>
    public required ValueList<KeyValuePair<string, string>> From { get; init; }

    /// <summary>True when a report on the revision itself counts, false when it must be on the candidate.</summary>
    public bool OnRevision { get; init; }

    public ValueList<string> Accept { get; init; } = ["success"];

    /// <summary>Where what it does is defined, so that a change there can count only with the word of those who guard it; null where that is not in the repository.</summary>
    public Glob? DefinedIn { get; init; }

    /// <summary>What makes two checks the same one. Which words are accepted is judged afresh each time.</summary>
    public string Identity => string.Concat(From.Select(pair => $"{pair.Key.Length}:{pair.Key}{pair.Value.Length}:{pair.Value}").Prepend($"{Name.Length}:{Name}"));
}
