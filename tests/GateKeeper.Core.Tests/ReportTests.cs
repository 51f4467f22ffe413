using System.Diagnostics;
using System.Text;
using GateKeeper.Core.Reports;

namespace GateKeeper.Core.Tests;

/// <summary>Reports as they should not be, and what is made of them all the same.</summary>
public sealed class ReportTests
{
    private const string Bad = """<testcase classname="a" name="b"><failure/></testcase>""";

    [TestCase("""<testcase name="n"><skipped/><failure/></testcase>""", "", TestName = "A case that is skipped beside its failure is a todo")]
    [TestCase("""<testcase name="n"><failure/><skipped/></testcase>""", "", TestName = "Whatever comes first")]
    [TestCase("""<testcase classname="a" name="one"/><error/>""", "suite s", TestName = "A suite's own error names the suite and never the case before it")]
    [TestCase("""<testcase classname="" name="n"><error/></testcase>""", "n", TestName = "An empty class is left out")]
    [TestCase("""<testcase classname="c" name=""><error/></testcase>""", "c", TestName = "An empty name is left out")]
    [TestCase("""<testcase><error/></testcase>""", "a case without a name", TestName = "A case may have neither")]
    [TestCase("""<testcase classname="a.b" name="a.b.c"><error/></testcase>""", "a.b.c", TestName = "A class is not repeated where the name begins with it")]
    [TestCase("""<testcase classname="sum" name="summary"><error/></testcase>""", "sum.summary", TestName = "A name that only looks like it has its class")]
    [TestCase("""<testcase name="a&#10; b&#27;[31mc&lt;&#x202e;d"><error/></testcase>""", "a bc<d", TestName = "A name is one plain line")]
    [TestCase("""<testcase name="n" file="/work/t/a.py" line="7"><error/></testcase>""", "n (t/a.py:7)", TestName = "The file is shown, and the line")]
    [TestCase("""<testcase classname="/work/src/a" name="n"><error/></testcase>""", "src/a.n", TestName = "Wherever the tree stands, it is left out")]
    [TestCase("""<testcase name="t/a.py: n" file="t/a.py"><error/></testcase>""", "t/a.py: n", TestName = "The file is not repeated")]
    [TestCase("""<testcase name="n"><system-out><failure/></system-out></testcase>""", "", TestName = "What a case printed is no failure of it")]
    [TestCase("""<testcase name="n"><failure>a <br> b</failure></testcase><testcase name="m"/>""", "n", TestName = "What is left open within closes with it")]
    [TestCase("""<testcase name='a "quoted" > one'><failure/></testcase>""", "a \"quoted\" > one", TestName = "A value may hold what ends tags")]
    [TestCase("""<testcase name="&b;&#0;&#x110000;&amp;amp;&"><failure/></testcase>""", "&b;&#x110000;&amp;&", TestName = "What an entity means is not looked up")]
    public void Names_are_of_cases_that_failed(string cases, string failing) =>
        Assert.That(string.Join(", ", Read($"""<testsuite name="s">{cases}</testsuite>""").Failing), Is.EqualTo(failing));

    [TestCase("\uFEFF<?xml version=\"1.0\"?>", TestName = "A byte order mark")]
    [TestCase("<!DOCTYPE a [<!ENTITY b \"]>\"><!-- don't --><!ELEMENT c ANY>]>", TestName = "A DOCTYPE with definitions")]
    [TestCase("<!DOCTYPE testsuites SYSTEM \"http://localhost/x.dtd\">", TestName = "A DOCTYPE elsewhere")]
    [TestCase("Running 'the <unit> tests\" & more < 3\n", TestName = "Text before the root")]
    [TestCase("Running <the tests\n<?xml version=\"1.0\"?>", TestName = "A tag that never ends before the root")]
    [TestCase("<!-- <testcase name=\"x\"><failure/> --><?pi <testcase name=\"x\"><failure/> ?>", TestName = "Comments and instructions")]
    [TestCase("\u0000\u0001\u001b", TestName = "Raw control characters")]
    [TestCase("<a><b></c></d>", TestName = "Tags that close nothing")]
    public void What_stands_before_is_passed_over(string before) =>
        Assert.That(string.Join(", ", Read($"{before}<testsuites>{Bad}</testsuites>").Failing), Is.EqualTo("a.b"));

    [Test]
    public void Namespaces_change_no_name()
    {
        Assert.That(Read($"<testsuites xmlns=\"urn:x\">{Bad}</testsuites>").Failing, Has.Count.EqualTo(1));
        Assert.That(Read("<j:testsuite xmlns:j=\"urn:x\"><j:testcase name=\"n\" j:name=\"m\"><j:failure/></j:testcase></j:testsuite>").Failing.Single().Name, Is.EqualTo("n"));
    }

    [TestCase("utf-16", true)]
    [TestCase("utf-16", false)]
    [TestCase("utf-16BE", true)]
    [TestCase("utf-32", true)]
    [TestCase("iso-8859-1", true)]
    [TestCase("windows-1252", true)]
    [TestCase("utf-8", false)]
    public void Is_read_in_the_encoding_that_it_says(string name, bool says)
    {
        var encoding = CodePagesEncodingProvider.Instance.GetEncoding(name) ?? Encoding.GetEncoding(name);
        var text = $"<?xml version=\"1.0\"{(says ? $" encoding='{name}'" : "")}?><testcase name=\"größer\"><failure/></testcase>";

        Assert.That(Named(encoding.GetBytes(text)), Is.EqualTo("größer"));
        Assert.That(Named([.. encoding.GetPreamble(), .. encoding.GetBytes(text)]), Is.EqualTo("größer"));
    }

    [TestCase("utf-16", TestName = "UTF-8 that calls itself UTF-16")]
    [TestCase("no such", TestName = "An encoding that nobody knows")]
    [TestCase("utf-7", TestName = "One that is not read")]
    public void What_is_declared_wrongly_is_read_as_it_is(string declared) =>
        Assert.That(Named(Encoding.UTF8.GetBytes($"<?xml version=\"1.0\" encoding=\"{declared}\"?><testcase name=\"größer\"><failure/></testcase>")), Is.EqualTo("größer"));

    [Test]
    public void Bytes_that_are_no_text_hide_nothing() =>
        Assert.That(Named([.. "<testcase name=\"a"u8, 0xFF, 0xC3, .. "b\"><failure/></testcase>"u8]), Is.EqualTo("a\uFFFD\uFFFDb"));

    [TestCase("<testcase name=\"b\"", TestName = "Cut off in a tag")]
    [TestCase("<testcase name=\"b\"><fai", TestName = "Cut off before its failure")]
    [TestCase("<testcase name=\"b\"><system-out><![CDATA[x", TestName = "Cut off in what it printed")]
    [TestCase("<!-- x", TestName = "Cut off in a comment")]
    public void Of_a_file_that_is_cut_off_what_was_complete_counts(string end) =>
        Assert.That(Read($"<testsuite>{Bad}{end}").Failing.Single().Name, Is.EqualTo("b"), "the case of class a");

    [Test]
    public void A_second_try_takes_failures_back_and_the_same_tests_elsewhere_do_not()
    {
        const string first = "<testsuite name='s'><testcase name='one'><failure/></testcase><testcase name='two'><failure/></testcase><testcase name='three'/></testsuite>";
        const string again = "<testsuite name='s'><testcase name='one'/><testcase name='two'><failure/></testcase></testsuite>";
        const string elsewhere = "<testsuite name='s'><testcase name='one'/><testcase name='two'/><testcase name='three'/></testsuite>";

        var tried = Read(first, again);
        Assert.That((string.Join(", ", tried.Failing), string.Join(", ", tried.Flaky)), Is.EqualTo(("two", "one")));
        Assert.That(string.Join(", ", Read(first + again).Failing), Is.EqualTo("two"));
        Assert.That(string.Join(", ", Read(first, elsewhere).Failing), Is.EqualTo("one, two"));
        Assert.That(string.Join(", ", Read(first + elsewhere).Failing), Is.EqualTo("one, two"));
    }

    [Test]
    public void Of_cases_without_a_class_the_suite_tells_which_is_which()
    {
        const string first = "<testsuites><testsuite name='one'><testsuite name='deep'><testcase name='n'><failure/></testcase></testsuite></testsuite><testsuite name='two'><testcase name='n'/></testsuite></testsuites>";
        const string again = "<testsuites><testsuite name='one'><testsuite name='deep'><testcase name='n'/></testsuite></testsuite></testsuites>";

        Assert.That(string.Join(", ", Read(first).Failing), Is.EqualTo("n (one > deep)"));
        Assert.That(string.Join(", ", Read(first, again).Flaky), Is.EqualTo("n (one > deep)"));
        Assert.That(string.Join(", ", Read("<testsuite name='one'><testcase name='n'><failure/></testcase></testsuite>").Failing), Is.EqualTo("n"), "there is but one suite");
    }

    [Test]
    public void Nodes_cases_of_one_name_are_as_many_and_a_second_report_takes_their_failure_back()
    {
        const string works = "<testcase name='works' classname='test'/>";
        const string fails = "<testcase name='works' classname='test'><failure/></testcase>";

        var read = Read($"<testsuites>{fails}{works}{fails}{works}</testsuites>");
        Assert.That((string.Join(", ", read.Failing), read.FailingInAll, read.FlakyInAll), Is.EqualTo(("test.works", 2, 0)));
        Assert.That(string.Join(", ", Read($"<testsuites>{fails}</testsuites>", $"<testsuites>{works}</testsuites>").Flaky), Is.EqualTo("test.works"));
    }

    [TestCase("<TestRun xmlns='urn:x'><Results/></TestRun>", "is TRX")]
    [TestCase("<?xml version='1.0'?><!-- x --><test-run id='2'><test-case result='Failed'/></test-run>", "is NUnit's own format")]
    [TestCase("<assemblies><assembly><collection><test result='Fail'/></collection></assembly></assemblies>", "is xUnit.net's own format")]
    [TestCase("<testng-results failed='1'><suite><test><class><test-method status='FAIL'/></class></test></suite></testng-results>", "is TestNG's own format")]
    [TestCase("<robot><suite><test/></suite></robot>", "is Robot Framework's own format")]
    [TestCase("<Site Name='x'><Testing><Test Status='failed'/></Testing></Site>", "is CTest's own format")]
    [TestCase("<coverage line-rate='1'/>", "holds no <testcase>, and begins with <coverage>")]
    [TestCase("TAP version 13\n1..1\nnot ok 1", "holds no tag")]
    public void What_is_no_report_of_this_kind_is_called_by_its_name(string file, string said)
    {
        var why = RunWords.Failed("x", "out/*", Read(file), new(), "").Why;

        Assert.That(why, Does.StartWith($"x\nno case is named in 0.xml: it {said}"));
    }

    [Test]
    public void Names_are_cut_in_the_middle_and_counts_are_true()
    {
        var read = Read($"<testsuite>{string.Concat(Enumerable.Range(0, 25_000).Select(i => $"<testcase name=\"{i}{new string('x', 300)}the end\"><failure/></testcase>"))}</testsuite>");

        Assert.That($"{read.Failing[0]}", Has.Length.EqualTo(200).And.StartsWith("0xx").And.EndsWith("xxthe end"));
        Assert.That(read.FailingInAll, Is.EqualTo(25_000));
        Assert.That(RunWords.Failed("x", "a", read, new(), "").Why, Does.EndWith("the end and 24995 more"));
    }

    [TestCase("<a>", "</a>")]
    [TestCase("<testsuite>", "")]
    [TestCase("<testcase name=\"n\">", "")]
    [TestCase("<testcase name=\"n\"><failure/></testcase>", "")]
    [TestCase("<testcase a='", "'/>")]
    [TestCase("&", ";")]
    [TestCase("<", "")]
    [TestCase("<!DOCTYPE [", "]")]
    [TestCase("<a></testcase>", "")]
    public void Reading_takes_time_linear_in_the_size(string open, string close)
    {
        var text = new StringBuilder();
        for (var i = 0; i < 400_000; i++)
            text.Append(open);
        for (var i = 0; i < 400_000; i++)
            text.Append(close);
        var bytes = Encoding.UTF8.GetBytes(text.ToString());
        var watch = Stopwatch.StartNew();

        JunitReports.Read([new("a", bytes)]);

        Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(10)));
    }

    private static ReportedCases Read(params string[] files) => JunitReports.Read(files.Select((file, i) => new ReportFile($"{i}.xml", Encoding.UTF8.GetBytes(file))));

    private static string Named(byte[] file) => JunitReports.Read([new("a.xml", file)]).Failing.Single().Name;
}
