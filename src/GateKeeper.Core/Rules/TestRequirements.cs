using GateKeeper.Core.Gates;

namespace GateKeeper.Core.Rules;

/// <summary>Reads the requirement of tests.</summary>
internal static class TestRequirements
{
    public static TestsPass Tests(Fields fields, KnownNames names)
    {
        var place = fields.PlaceOf("tests");
        var list = fields.List("tests", single: true) ?? [];
        if (list is not ["all"])
        {
            foreach (var name in list)
            {
                var test = names.Test(name);
                var problem = test is null ? $"there is no test \"{name}\"{fields.Problems.Hint(name, names.Tests.Select(known => known.Name))}"
                    : !test.Voting ? $"test {name} has voting: false, so no gate may require it"
                    : !test.AtQueue ? $"test {name} runs only at proposal, so no gate may require it"
                    : null;
                if (problem is not null)
                    fields.Problems.Add(new(place, problem));
            }

            return new(list);
        }

        if (names.Voting.Count == 0)
            fields.Problems.Add(new(place, "tests: all, and there is no voting test"));
        return new(names.Voting);
    }
}
