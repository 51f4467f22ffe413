using System.Text;
using GateKeeper.Core.Rules;

namespace GateKeeper.Core.Tests;

/// <summary>Rules files that anybody may propose: whatever is in them is an error of that file, and costs no more than its size is worth.</summary>
public sealed class HostileRulesTests
{
    [TestCase("groups:\n  core: { users: [x]\n", "3:1: error: While parsing a flow mapping, did not find expected ',' or '}'; the { at 2:9 is not closed before: a } may be missing")]
    [TestCase("groups: { core: { users: [x] }\ntests:\n  unit: { run: x }\n", "2:1: error: this is no YAML; the { at 1:9 is not closed before: a } may be missing")]
    [TestCase("version: 1\ngates: [a, b\n", "3:1: error: While parsing a flow sequence, did not find expected ',' or ']'; the [ at 2:8 is not closed before: a ] may be missing")]
    [TestCase("version: \"1\ngates: []\n", "1:10: error: While scanning a multi-line double-quoted scalar, found wrong indentation")]
    public void What_the_parser_stumbles_over_is_an_error_with_its_place_and_its_cure(string text, string error)
    {
        var loaded = RulesLoader.Load(text);

        Assert.That(loaded.Rules, Is.Null);
        Assert.That(loaded.Errors.Select(problem => $"{problem}"), Is.EqualTo(new[] { error }));
    }

    [Test]
    public void An_empty_key_whose_value_the_parser_leaves_out_is_an_error() =>
        Assert.That(RulesLoader.Load("version: 1\ngates:\n  - { name: g, require: { tests: all } }\nmay:\n   : 1\n").Errors.Select(problem => $"{problem}"), Has.Some.EqualTo("5:5: error: a key or its value is missing: write KEY: VALUE"));

    [TestCase('\0', 11)]
    [TestCase('\r', 11)]
    [TestCase('\u0085', 11)]
    [TestCase('\u2028', 11)]
    [TestCase('\u001b', 11)]
    [TestCase('\u202e', 11)]
    public void A_file_that_would_read_otherwise_than_it_looks_is_refused(char letter, int column)
    {
        var loaded = RulesLoader.Load($"version: 1\n# nothing {letter} here\ngates: [{{ name: a, require: {{ approvals: 1, from: anyone, despite-vetoes: true }} }}]\n");

        Assert.That(loaded.Rules, Is.Null);
        Assert.That(loaded.Errors.Select(problem => $"{problem}"), Is.EqualTo(new[] { $"2:{column}: error: the character U+{(int)letter:X4} is not allowed: the file would read otherwise than it looks; delete it" }));
    }

    [TestCase(new byte[] { 0xff, 0xfe, 0x76, 0x00 })]
    [TestCase(new byte[] { 0x76, 0xe9, 0x3a, 0x20, 0x31 })]
    public void A_file_that_is_not_UTF8_is_refused(byte[] content) =>
        Assert.That(RulesLoader.Load(content).Said, Does.EndWith("error: the file is not UTF-8: save it as that"));

    [Test]
    public void Lines_may_end_as_Windows_ends_them() =>
        Assert.That(RulesLoader.Load("version: 1\r\ngates:\r\n  - { name: a, require: { approvals: 1, from: anyone, despite-vetoes: true } }\r\n").Rules, Is.Not.Null);

    [TestCase(1, 1001, "there are 1,001 gates; at most 1,000 are read")]
    [TestCase(1001, 1, "there are 1,001 tests; at most 1,000 are read")]
    public void Of_a_file_with_more_than_is_read_nothing_else_is_said(int tests, int gates, string said)
    {
        var loaded = RulesLoader.Load($"version: 1\ntests:\n{Lines(tests, i => $"  t{i}: {{ run: x }}")}gates:\n{Lines(gates, i => $"  - {{ name: g{i}, require: {{ tests: [t0] }} }}")}");

        Assert.That(loaded.Problems.Select(problem => $"{problem}").ToList(), Has.Count.EqualTo(1).And.Some.Contains(said));
    }

    private static readonly (string Name, Func<int, string> Make)[] Costly =
    [
        ("groups that include each other in a row", size => Groups(size, i => $"g{i}: {{ groups: [g{i + 1}] }}")),
        ("groups in a row that ends", size => Groups(size, i => $"g{i}: {{ users: [u], groups: [{(i == 0 ? "end" : $"g{i - 1}")}] }}")),
        ("names that nothing has", size => $"version: 1\ngates:\n  - {{ name: a, require: {{ go-ahead: [{string.Join(", ", Enumerable.Range(0, size).Select(i => $"unknown-{i}"))}] }} }}\n"),
        ("keys that nothing knows", size => string.Concat(Enumerable.Range(0, size).Select(i => $"unknown-{i}: 1\n"))),
        ("groups that lack the groups they include", size => Groups(size, i => $"g{i}: {{ groups: [h{i}] }}")),
        ("gates that require all tests", size => $"version: 1\ntests:\n{Lines(size, i => $"  t{i}: {{ run: x }}")}gates:\n{Lines(size, i => $"  - {{ name: g{i}, require: {{ tests: all }} }}")}"),
        ("gates that stand instead of none", size => $"version: 1\ngates:\n{Lines(size, i => $"  - {{ name: g{i}, instead-of: h{i}, require: {{ linear: true }} }}")}"),
        ("tests that are not there", size => $"version: 1\ntests:\n{Lines(size, i => $"  t{i}: {{ run: x }}")}gates:\n  - {{ name: a, require: {{ tests: [{string.Join(", ", Enumerable.Range(0, size).Select(i => $"unknown-{i}"))}] }} }}\n"),
        ("patterns", size => $"version: 1\ngates:\n  - {{ name: a, when: {{ paths: [{string.Join(", ", Enumerable.Range(0, size).Select(i => $"p{i}"))}] }}, require: {{ linear: true }} }}\n"),
    ];

    [TestCaseSource(nameof(CostlyNames))]
    public void Reading_costs_as_much_as_the_file_is_long(string what)
    {
        var make = Costly.Single(item => item.Name == what).Make;
        _ = RulesLoader.Load(make(300));

        var (small, large) = (Spent(make(600)), Spent(make(2400)));

        Assert.That(large, Is.LessThan(small * 8), $"{small:N0} bytes were needed for one, {large:N0} for one of four times the size");
    }

    [TestCaseSource(nameof(CostlyNames))]
    public void The_largest_file_needs_little_memory(string what)
    {
        var make = Costly.Single(item => item.Name == what).Make;
        var size = 1 << 17;
        var text = make(size);
        for (; text.Length > 1 << 20; text = make(size))
            size = size * 9 / 10;

        Assert.That(Spent(text), Is.LessThan(400L << 20));
    }

    [Test]
    public void Errors_are_listed_up_to_a_hundred_and_the_others_counted()
    {
        var loaded = RulesLoader.Load("version: 1\n" + Lines(500, i => $"unknown-{i}: 1"));

        Assert.That(loaded.Errors.Count(), Is.EqualTo(101));
        Assert.That($"{loaded.Errors.First()}", Does.StartWith("1:1: error: \"gates\" must be a list"));
        Assert.That(loaded.Errors.Last().Message, Is.EqualTo("and 401 more errors, which are not listed"));
        Assert.That(loaded.Said, Does.EndWith("; and 91 more (gatekeeper check lists them)"));
    }

    [TestCase("a group that includes itself around others", "a: { groups: [b] }, b: { groups: [c] }, c: { groups: [a] }", "group a includes itself")]
    [TestCase("a group that includes itself", "a: { groups: [a] }", "group a includes itself")]
    public void Groups_that_include_themselves(string what, string groups, string error)
    {
        var loaded = RulesLoader.Load($"version: 1\ngroups: {{ {groups} }}\ngates: [{{ name: g, require: {{ linear: true }} }}]\n");

        Assert.That(loaded.Errors.Select(problem => problem.Message), Is.EqualTo(new[] { error }), what);
    }

    [Test]
    public void Groups_may_include_others_twenty_deep_and_no_deeper()
    {
        Assert.That(RulesLoader.Load(Chain(20)).Rules, Is.Not.Null);
        Assert.That(RulesLoader.Load(Chain(21)).Errors.Select(problem => problem.Message), Is.EqualTo(new[] { "group g20 includes groups that include others, more than 20 deep" }));

        static string Chain(int length) => Groups(length, i => $"g{i}: {{ users: [u{i}]{(i == 0 ? "" : $", groups: [g{i - 1}]")} }}");
    }

    private static IEnumerable<string> CostlyNames => Costly.Select(item => item.Name);

    private static string Groups(int size, Func<int, string> group) =>
        $"version: 1\ngroups:\n{Lines(size, i => $"  {group(i)}")}gates:\n  - {{ name: a, require: {{ linear: true }} }}\n";

    private static string Lines(int size, Func<int, string> line)
    {
        var text = new StringBuilder();
        for (var i = 0; i < size; i++)
            text.Append(line(i)).Append('\n');
        return text.ToString();
    }

    private static long Spent(string text)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        _ = RulesLoader.Load(text);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
