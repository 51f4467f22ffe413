using GateKeeper.Core.Gates;

namespace GateKeeper.Core.Rules;

/// <summary>What can only be seen when the whole file has been read.</summary>
internal static class RulesChecks
{
    public static void Run(Ruleset rules, Fields file)
    {
        var required = rules.RequiredNames;
        foreach (var test in rules.Tests.Where(test => test.Voting && test.AtQueue && !required.Contains(test.Name)))
            Warn($"no gate requires test {test.Name}: it is run and shown, and changes land without it");

        // A pass must outlive the wait for those beside it, or nothing would ever have passed all at once.
        var together = rules.Tests.Where(test => test.Run is not null && test.AtQueue).Aggregate(TimeSpan.Zero, (sum, test) => sum + test.Timeout + (test.Prepare?.Timeout ?? TimeSpan.Zero));
        foreach (var test in rules.Tests.Where(test => test.FreshFor < together))
            file.Error($"a pass of {test.Name} would be out of date before all tests could end: fresh-for is {Time.Say(test.FreshFor!.Value)}, and all timeouts together are {Time.Say(together)}");

        var mayLand = rules.May.Land.ToHashSet(StringComparer.Ordinal);
        foreach (var gate in rules.Gates)
        {
            foreach (var requirement in gate.Require.Flatten())
                Check(gate, requirement);
        }

        foreach (var test in rules.Tests.Where(test => test.Check is not null))
            CheckIsGuarded(test);

        void Check(Gate gate, Requirement requirement)
        {
            switch (requirement)
            {
                case GoAhead go:
                    foreach (var name in go.From.Where(name => !mayLand.Contains(name) && !mayLand.Contains(Membership.Anyone)))
                        file.Error($"gate \"{gate.Name}\" waits for {name} to say go, but may.land does not let {name} ask");
                    break;
                case NoVeto { LiftedBy: null, From: var from }:
                    WarnOfVetoes(gate, from);
                    break;
                case Approvals { LiftedBy: null, DespiteVetoes: false, From: var from }:
                    WarnOfVetoes(gate, from);
                    break;
                case AllOf { DifferentPeople: true } all when all.Flatten().Any(part => part is OwnersApprove):
                    file.Error($"gate \"{gate.Name}\": different-people does not go with owners");
                    break;
            }
        }

        void WarnOfVetoes(Gate gate, string from) =>
            Warn($"gate \"{gate.Name}\": a veto of {from} that somebody else removes stands for ever; lifted-by would say who may lift it");

        void CheckIsGuarded(TestDefinition test)
        {
            if (test.Check!.DefinedIn is { } definedIn && !rules.Gates.Any(gate => gate.Guards(definedIn)))
                file.Error($"test {test.Name} is defined in {definedIn}, so some gate must guard it: one without \"when\", or with \"{definedIn}\" in when.paths");
        }

        void Warn(string message) => file.Problems.Add(new(file.Place, message, IsWarning: true));
    }
}
