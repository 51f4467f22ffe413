using GateKeeper.Core.Gates;

namespace GateKeeper.Core.Rules;

/// <summary>What can only be seen when the whole file has been read.</summary>
internal static class RulesChecks
{
    public static void Run(Ruleset rules, Fields file)
    {
        var required = rules.RequiredNames;
        foreach (var test in rules.Tests.Where(test => test.Voting && test.AtQueue && !required.Contains(test.Name)))
            Warn(test, $"no gate requires test {test.Name}: it is run and shown, and changes land without it");

        // A pass must outlive the wait for those beside it, or nothing would ever have passed all at once.
        var together = rules.Tests.Where(test => test.Run is not null && test.AtQueue).Aggregate(TimeSpan.Zero, (sum, test) => sum + test.Timeout + (test.Prepare?.Timeout ?? TimeSpan.Zero));
        foreach (var test in rules.Tests.Where(test => test.FreshFor < together))
            Error(test, $"a pass of {test.Name} would be out of date before all tests could end: fresh-for is {Time.Say(test.FreshFor!.Value)}, and all timeouts together are {Time.Say(together)}");

        var mayLand = rules.May.Land.ToHashSet(StringComparer.Ordinal);
        foreach (var gate in rules.Gates)
        {
            foreach (var requirement in gate.Require.Flatten())
                Check(gate, requirement);
        }

        foreach (var test in rules.Tests.Where(test => test.Check is not null))
            CheckIsGuarded(test);

        // In a file with errors groups may include each other.
        if (!file.Problems.HasErrors)
            CheckReach(new(rules));

        void Check(Gate gate, Requirement requirement)
        {
            switch (requirement)
            {
                case GoAhead go:
                    foreach (var name in go.From.Where(name => !mayLand.Contains(name) && !mayLand.Contains(Membership.Anyone)))
                        Error(requirement, $"gate \"{gate.Name}\" waits for {name} to say go, but may.land does not let {name} ask");
                    break;
                case NoVeto { LiftedBy: null, From: var from }:
                    WarnOfVetoes(gate, requirement, from);
                    break;
                case Approvals { LiftedBy: null, DespiteVetoes: false, From: var from }:
                    WarnOfVetoes(gate, requirement, from);
                    break;
                case AnyOf any when any.Parts.Any(Gate.NeedsSomebody) && any.Parts.FirstOrDefault(AreWords) is { } words:
                    Warn(words, $"gate \"{gate.Name}\": one way of \"any\" asks for words alone, which whoever proposes a change chooses, so that nobody else has to do anything");
                    break;
                case SignedCommits when rules.Landing.Method is LandingMethod.Squash or LandingMethod.Rebase:
                    Warn(requirement, $"gate \"{gate.Name}\" asks for signed commits, and method {(rules.Landing.Method is LandingMethod.Squash ? "squash" : "rebase")} lands other commits in their place: what lands is the gate's own, unsigned");
                    break;
                case AllOf { DifferentPeople: true } all when all.Flatten().Any(part => part is OwnersApprove):
                    Error(requirement, $"gate \"{gate.Name}\": different-people does not go with owners");
                    break;
            }
        }

        static bool AreWords(Requirement requirement) => requirement switch
        {
            AllOf all => all.Parts.All(AreWords),
            AnyOf any => any.Parts.Any(AreWords),
            Forbidden forbidden => forbidden.IsMetByWords,
            _ => requirement is MessageMatches or CarriesTrailer,
        };

        void WarnOfVetoes(Gate gate, Requirement requirement, string from) =>
            Warn(requirement, $"gate \"{gate.Name}\": a veto of {from} that somebody else removes stands for ever; lifted-by would say who may lift it");

        void CheckReach(Reach reach)
        {
            foreach (var gate in rules.Gates)
            {
                if (Vain.WhyNowhere(gate, rules) is { } nowhere)
                    Warn(gate, $"gate \"{gate.Name}\": {nowhere}");
                var never = reach.Never(gate.Require) ?? (Vain.AuthorsOf(gate) is { } authors ? reach.NeverBy(authors, gate.Require) : null);
                if (never is var (culprit, why))
                    Never(gate, culprit, why);
                foreach (var part in gate.Require.Flatten())
                {
                    if (never is null && reach.Never(part) is var (vain, vainly) && ReferenceEquals(part, vain))
                        Warn(part, $"gate \"{gate.Name}\": {vainly}");
                    if (reach.WhyDoubtful(part) is { } doubtful)
                        Warn(part, $"gate \"{gate.Name}\": {doubtful}");
                }
            }

            var always = rules.Gates.Where(gate => gate.When is null && gate.InsteadOf is null).ToList();
            if (always.Count > 1 && always.TrueForAll(gate => Vain.WhyNever([gate.Require]) is null) && Vain.WhyNever(always.Select(gate => gate.Require)) is { } together)
                Warn(always[0], $"gates {string.Join(", ", always.Where(gate => gate.Require.Flatten().Any(part => part is LabelsAre)).Select(gate => $"\"{gate.Name}\""))}: {together}");
            if (rules.May.Override is { } right && reach.WhyNeverTwo(right) is { } alone)
                Warn(right, alone);
        }

        // An error where nothing at all would land any more. A gate that is for some changes only, or is replaced or lifted, may be meant so.
        void Never(Gate gate, Requirement part, string why)
        {
            var message = $"gate \"{gate.Name}\": {why}";
            if (gate.When is null && rules.May.Override is null && !rules.Gates.Any(other => other.InsteadOf == gate.Name))
                Error(part, message);
            else
                Warn(part, message);
        }

        void CheckIsGuarded(TestDefinition test)
        {
            if (test.Check!.DefinedIn is { } definedIn && !rules.Gates.Any(gate => gate.Guards(definedIn)))
                Error(test, $"test {test.Name} is defined in {definedIn}, so some gate must guard it: one without \"when\", or with \"{definedIn}\" in when.paths");
        }

        void Warn(object part, string message) => file.Problems.Add(new(file.Problems.Places.Of(part), message, IsWarning: true));

        void Error(object part, string message) => file.Problems.Add(new(file.Problems.Places.Of(part), message));
    }
}
