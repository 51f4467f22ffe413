using GateKeeper.Core.Gates;

namespace GateKeeper.Core.Rules;

/// <summary>What can only be seen when the whole file has been read.</summary>
internal static class RulesChecks
{
    public static void Run(Ruleset rules, Fields file)
    {
        foreach (var test in rules.Tests.Where(test => test.Voting && test.AtQueue && !rules.Gates.Any(gate => gate.Requires(test.Name))))
            Warn($"no gate requires test {test.Name}: it is run and shown, and changes land without it");

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
                    foreach (var name in go.From.Where(name => !rules.May.Land.Contains(name)))
                        file.Error($"gate \"{gate.Name}\" waits for {name} to say go, but may.land does not let {name} ask");
                    break;
                case NoVeto { LiftedBy: null } veto:
                    Warn($"gate \"{gate.Name}\": a veto of {veto.From} that somebody else removes stands for ever; lifted-by would say who may lift it");
                    break;
                case AllOf { DifferentPeople: true } all when all.Flatten().Any(part => part is OwnersApprove):
                    file.Error($"gate \"{gate.Name}\": different-people does not go with owners");
                    break;
            }
        }

        void CheckIsGuarded(TestDefinition test)
        {
            var definedIn = test.Check!.DefinedIn ?? (test.Check.From.Any(pair => pair.Key == "workflow") ? ".github/**" : null);
            if (definedIn is null || rules.Gates.Any(Covers))
                return;
            file.Error($"test {test.Name} is defined in {definedIn}, so some gate must guard it: one without \"when\", or with \"{definedIn}\" in when.paths");

            bool Covers(Gate gate) => gate.InsteadOf is null && gate.Require.Flatten().Any(part => part is Approvals or OwnersApprove or LabelVote)
                && (gate.When is null || (gate.When is Condition.Touches { Only: false } touches && touches.Patterns.Any(pattern => pattern.Pattern == definedIn)));
        }

        void Warn(string message) => file.Problems.Add(new(file.Place, message, IsWarning: true));
    }
}
