using GateKeeper.Core.Changes;

namespace GateKeeper.Core.Tests;

/// <summary>What people write of what their changes depend on.</summary>
public sealed class DependsOnTests
{
    [TestCase("Depends-On: #1", "#1")]
    [TestCase("depends-on:#1", "#1")]
    [TestCase("Depends-On : #1", "#1")]
    [TestCase("Depends-On: #1.", "#1")]
    [TestCase("Depends-On: #1 (the parser)", "#1")]
    [TestCase("Depends-On: #1 (the parser, which is large).", "#1")]
    [TestCase("Depends-On: #1 the parser", "#1")]
    [TestCase("Depends-On: #1, #99", "#1", "#99")]
    [TestCase("Depends-On: #1,#99; #7", "#1", "#99", "#7")]
    [TestCase("Depends-On: #1 #99", "#1", "#99")]
    [TestCase("Depends-On: #1 and #99", "#1", "#99")]
    [TestCase("Depends-On: #1 plus #99", "#1", "#99")]
    [TestCase("Depends-On: #1 + #99", "#1", "#99")]
    [TestCase("Depends-On: 4f1c2ab09d | 5f1c2ab09d", "4f1c2ab09d", "5f1c2ab09d")]
    [TestCase("Depends-On: 7 / 8", "7", "8")]
    [TestCase("Depends-On: #1, then #99", "#1", "#99")]
    [TestCase("Depends-On: both #1 and also #99", "#1", "#99")]
    [TestCase("Depends-On: #1\nDepends-On: #99\nDepends-On: #1", "#1", "#99")]
    [TestCase("Depends-On: **#1**", "#1")]
    [TestCase("Depends-On: `4f1c2ab09d3e`", "4f1c2ab09d3e")]
    [TestCase("Depends-On: <https://host.example/acme/widgets/pull/1>", "https://host.example/acme/widgets/pull/1")]
    [TestCase("Depends-On: [#1](https://host.example/acme/widgets/pull/1)", "#1")]
    [TestCase("Depends-On: [the parser](https://host.example/acme/widgets/pull/1)", "https://host.example/acme/widgets/pull/1")]
    [TestCase("Depends-On: acme/widgets#1", "acme/widgets#1")]
    [TestCase("Depends-On: GH-1", "GH-1")]
    [TestCase("Depends-On: feature/parser", "feature/parser")]
    [TestCase("Depends-On: tool/4f1c2ab09d", "tool/4f1c2ab09d")]
    [TestCase("Depends-On: I0123456789012345678901234567890123456789 (the parser)", "I0123456789012345678901234567890123456789")]
    [TestCase("Depends-On: the parser of Ann", "the parser of Ann")]
    public void A_line_names_changes(string words, params string[] names)
    {
        Assert.That(DependsOnLines.Names($"Add it\n\n{words}\r\nMore\n"), Is.EqualTo(names));
        Assert.That(DependsOnLines.NearMisses(words), Is.Empty);
    }

    [TestCase("Depends on: #1")]
    [TestCase("Depends on: X")]
    [TestCase("Depends on #1")]
    [TestCase("depends-on #1")]
    [TestCase("DependsOn: 4f1c2ab09d3e")]
    [TestCase("Depends_On: #1")]
    [TestCase("Depend-on: #1")]
    [TestCase("Depending on: #1")]
    [TestCase("- Depends-On: #1")]
    [TestCase("* Depends-On: #1")]
    [TestCase("- [x] Depends-On: #1")]
    [TestCase("**Depends-On:** #1")]
    [TestCase("**Depends-On: #1**")]
    [TestCase("**Depends-On**: #1")]
    [TestCase("`Depends-On: #1`")]
    [TestCase("It depends on #1 (the parser)")]
    [TestCase("This depends on https://host.example/acme/widgets/pull/1.")]
    [TestCase("Depends on [#1](https://host.example/acme/widgets/pull/1)")]
    [TestCase("Depends-On:")]
    public void A_near_miss_is_none_and_is_seen(string line)
    {
        Assert.That(DependsOnLines.Names(line), Is.Empty);
        Assert.That(DependsOnLines.NearMisses($"Add it\n\n{line}\n"), Is.EqualTo(new[] { line }));
    }

    [TestCase("It depends on the weather.")]
    [TestCase("Depends on 3 things that nobody knows")]
    [TestCase("The parser depends on: nothing")]
    [TestCase("Nobody can depend on that.")]
    [TestCase("> Depends-On: #1")]
    [TestCase("Independently on: #1")]
    public void Ordinary_words_are_neither(string line)
    {
        Assert.That(DependsOnLines.Names(line), Is.Empty);
        Assert.That(DependsOnLines.NearMisses(line), Is.Empty);
    }

    [Test]
    public void A_long_line_of_a_strangers_is_cut_and_costs_nothing()
    {
        var line = $"- Depends-On: {new string('#', 100_000)}";

        Assert.That(DependsOnLines.NearMisses(line).Single(), Has.Length.LessThan(200));
        Assert.That(DependsOnLines.NearMisses(new string('*', 200_000) + "depend"), Is.Empty);
        Assert.That(DependsOnLines.NearMisses(string.Concat(Enumerable.Repeat("depends ", 50_000))), Is.Empty);
    }
}
