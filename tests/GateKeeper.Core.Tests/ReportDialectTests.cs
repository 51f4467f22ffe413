using System.Text;
using GateKeeper.Core.Reports;

namespace GateKeeper.Core.Tests;

/// <summary>JUnit as those write it who write it: which cases are named, and which passed at a second try.</summary>
public sealed class ReportDialectTests
{
    [TestCase("""
        <?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest" errors="1" failures="1" skipped="2" tests="5" time="0.1" hostname="h">
        <testcase classname="tests.test_sums" name="test_two[1-2]" time="0.001"><failure message="assert 1 == 2&#10;">def test_two():
        &gt;   assert 1 == 2</failure><system-out><![CDATA[<testcase name="not one"><failure/>]]></system-out></testcase>
        <testcase classname="tests.test_sums" name="test_fixture" time="0"><error message="failed on setup">E</error></testcase>
        <testcase classname="tests.test_sums" name="test_todo" time="0"><skipped type="pytest.xfail" message="not yet"/></testcase>
        <testcase classname="tests.test_sums" name="test_ok" time="0"/><testcase classname="" name="tests/test_broken.py" time="0"><error message="collection failure">no module</error></testcase></testsuite></testsuites>
        """, "tests.test_sums.test_two[1-2], tests.test_sums.test_fixture, tests/test_broken.py", TestName = "pytest")]
    [TestCase("""
        <?xml version="1.0" encoding="UTF-8"?><testsuite xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="x.xsd" version="3.0" name="org.x.SumTest" time="0.1" tests="3" errors="0" skipped="0" failures="1" flakes="1">
        <properties><property name="java.version" value="21"/></properties>
        <testcase name="flaky" classname="org.x.SumTest" time="0"><flakyFailure message="m" type="t"><stackTrace><![CDATA[at]]></stackTrace><system-out>x</system-out></flakyFailure><flakyError message="e"/></testcase>
        <testcase name="broken" classname="org.x.SumTest" time="0"><failure message="m" type="t"><![CDATA[at]]></failure><rerunFailure message="m" type="t"><stackTrace>at</stackTrace></rerunFailure><rerunError/></testcase>
        <testcase name="fine" classname="org.x.SumTest" time="0"/></testsuite>
        """, "org.x.SumTest.broken", "org.x.SumTest.flaky", TestName = "surefire with reruns")]
    [TestCase("""
        <?xml version="1.0" encoding="UTF-8"?><testsuite name="SumTest" tests="3" skipped="0" failures="2" errors="0" hostname="h" time="0.1"><properties/>
        <testcase name="adds()" classname="org.x.SumTest" time="0.01"><failure message="no" type="E">at</failure></testcase>
        <testcase name="adds()" classname="org.x.SumTest" time="0.01"/>
        <testcase name="subtracts()" classname="org.x.SumTest" time="0.01"><failure message="no" type="E">at</failure></testcase>
        <testcase name="subtracts()" classname="org.x.SumTest" time="0.01"><failure message="no" type="E">at</failure></testcase>
        <system-out><![CDATA[]]></system-out><system-err><![CDATA[]]></system-err></testsuite>
        """, "org.x.SumTest.subtracts()", "org.x.SumTest.adds()", TestName = "gradle with its retries")]
    [TestCase("""
        <?xml version="1.0" encoding="UTF-8"?><testsuites name="jest tests" tests="2" failures="1" errors="0"><testsuite name="math" errors="0" failures="1" skipped="0" file="/work/src/math.test.js">
        <testcase classname="math adds" name="math adds" time="0.003" file="/work/src/math.test.js"><failure>Error: &#x1b;[2mexpect(&#27;[22m</failure></testcase><testcase classname="math subtracts" name="math subtracts"/></testsuite>
        <testsuite name="undefined" errors="1" failures="0" file="src/broken.test.js"><testcase classname="Test suite failed to run" name="src/broken.test.js"><error>SyntaxError</error></testcase></testsuite></testsuites>
        """, "math adds (src/math.test.js), Test suite failed to run.src/broken.test.js", TestName = "jest-junit")]
    [TestCase("""
        <?xml version="1.0" encoding="UTF-8"?><testsuites name="Mocha Tests" time="0.0040" tests="2" failures="1"><testsuite name="Root Suite" timestamp="2026-01-01T00:00:00" tests="0" file="/work/test/a.js" time="0" failures="0"></testsuite>
        <testsuite name="Sums" tests="2" time="0.004" failures="1"><testcase name="Sums adds" time="0" classname="adds"></testcase>
        <testcase name="Sums subtracts" time="0.001" classname="subtracts"><failure message="1 == 2" type="AssertionError"><![CDATA[AssertionError: 1 == 2]]></failure></testcase></testsuite></testsuites>
        """, "subtracts.Sums subtracts", TestName = "mocha-junit-reporter")]
    [TestCase("""
        <?xml version="1.0" encoding="UTF-8" ?><testsuites name="vitest tests" tests="2" failures="1" errors="0" time="0.1"><testsuite name="src/a.test.ts" timestamp="x" hostname="h" tests="2" failures="1" errors="0" skipped="0">
        <testcase classname="src/a.test.ts" name="math &gt; adds" time="0.003"><failure message="expected 1 to be 2" type="AssertionError">AssertionError: expected 1
         &#10095; src/a.test.ts:3:10</failure></testcase><testcase classname="src/a.test.ts" name="math &gt; is" time="0"><skipped/></testcase></testsuite></testsuites>
        """, "src/a.test.ts.math > adds", TestName = "vitest")]
    [TestCase("""
        <?xml version="1.0" encoding="UTF-8"?><testsuites tests="3" failures="2"><testsuite name="example.org/a" tests="2" failures="1" errors="0" id="0" hostname="h" time="0.1" timestamp="x"><properties><property name="go.version" value="go1.24"></property></properties>
        <testcase name="TestNew" classname="example.org/a" time="0.000"><failure message="Failed"><![CDATA[    a_test.go:5: no]]></failure></testcase><testcase name="TestNew/sub" classname="example.org/a" time="0.000"></testcase></testsuite>
        <testsuite name="example.org/b" tests="2" failures="0" errors="0" id="1"><testcase name="TestNew" classname="example.org/b" time="0"></testcase></testsuite>
        <testsuite name="example.org/c" tests="1" failures="0" errors="1"><testcase name="[build failed]" classname="" time="0"><error message="Build error">undefined: x</error></testcase></testsuite></testsuites>
        """, "example.org/a.TestNew, [build failed] (example.org/c)", TestName = "go-junit-report and gotestsum")]
    [TestCase("""
        <?xml version="1.0" encoding="UTF-8"?><testsuites name="nextest-run" tests="3" failures="1" errors="0" uuid="u" timestamp="x" time="0.1"><testsuite name="sums::bin/sums" tests="3" disabled="0" errors="0" failures="1">
        <testcase name="tests::adds" classname="sums::bin/sums" timestamp="x" time="0.01"><failure message="thread panicked" type="test failure with exit code 101">x</failure><rerunFailure timestamp="x" time="0.01" message="m" type="t">y</rerunFailure><system-err>e</system-err></testcase>
        <testcase name="tests::flaky" classname="sums::bin/sums"><flakyFailure timestamp="x" message="m" type="t">y<system-out>o</system-out></flakyFailure></testcase><testcase name="tests::fine" classname="sums::bin/sums"/></testsuite></testsuites>
        """, "sums::bin/sums.tests::adds", "sums::bin/sums.tests::flaky", TestName = "cargo-nextest")]
    [TestCase("""
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuite name="Linux-c++" tests="3" failures="1" disabled="0" skipped="1" hostname="" time="0" timestamp="x"><testcase name="sums" classname="sums" time="0.01" status="fail"><failure message=""/><system-out>one
        two</system-out></testcase><testcase name="off" classname="off" time="0" status="notrun"><skipped message="SKIP_REGULAR_EXPRESSION_MATCHED"/><system-out/></testcase><testcase name="ok" classname="ok" time="0.01" status="run"><properties/><system-out/></testcase></testsuite>
        """, "sums", TestName = "ctest")]
    [TestCase("""
        <?xml version="1.0" encoding="UTF-8"?><testsuites><testsuite name="CLI Arguments" tests="2" assertions="2" errors="1" failures="1" skipped="0" time="0"><testsuite name="Tests\SumTest" file="/work/tests/SumTest.php" tests="2" errors="1" failures="1">
        <testcase name="testAdds" file="/work/tests/SumTest.php" line="7" class="Tests\SumTest" classname="Tests.SumTest" assertions="1" time="0.01"><failure type="E">Tests\SumTest::testAdds</failure></testcase>
        <testsuite name="Tests\SumTest::testMany" tests="1"><testcase name="testMany with data set #0" file="/work/tests/SumTest.php" line="12" class="Tests\SumTest" classname="Tests.SumTest"><error type="E">x</error></testcase></testsuite></testsuite></testsuite></testsuites>
        """, "Tests.SumTest.testAdds (tests/SumTest.php:7), Tests.SumTest.testMany with data set #0 (tests/SumTest.php:12)", TestName = "phpunit, suites in suites")]
    [TestCase("""
        <?xml version="1.0" encoding="UTF-8"?><testsuite name="rspec" tests="2" skipped="0" failures="1" errors="0" time="0.1" timestamp="x" hostname="h"><properties><property name="seed" value="1"/></properties>
        <testcase classname="spec.sum_spec" name="Sum adds" file="./spec/sum_spec.rb" time="0.01"><failure message="expected: 3&#10;     got: 4&#10;" type="RSpec::Expectations::ExpectationNotMetError">x</failure></testcase><testcase classname="spec.sum_spec" name="Sum is" file="./spec/sum_spec.rb" time="0"><skipped/></testcase></testsuite>
        """, "spec.sum_spec.Sum adds (./spec/sum_spec.rb)", TestName = "rspec_junit_formatter")]
    [TestCase("""
        <?xml version="1.0" encoding="UTF-8"?><testsuites><testsuite name="SumTest" filepath="test/sum_test.rb" skipped="0" failures="1" errors="0" tests="2" assertions="2" time="0.1"><testcase name="test_adds" lineno="5" classname="SumTest" assertions="1" time="0" file="test/sum_test.rb"><failure type="test_adds" message="no">Failure: x</failure></testcase></testsuite></testsuites>
        """, "SumTest.test_adds (test/sum_test.rb)", TestName = "minitest-reporters")]
    [TestCase("""
        <?xml version="1.0" encoding="UTF-8"?><testsuites time="0.1"><testsuite name="sums.bats" tests="2" failures="1" errors="0" skipped="0" time="0.1" timestamp="x" hostname="h"><testcase classname="sums.bats" name="it adds" time="0.01"><failure type="failure">(in test file sums.bats, line 2)</failure></testcase><testcase classname="sums.bats" name="it is" time="0"><skipped>later</skipped></testcase></testsuite></testsuites>
        """, "sums.bats.it adds", TestName = "bats")]
    [TestCase("""
        <testsuites><testsuite failures="1" errors="0" time="0.1" tests="2" name="t_a_t"><testcase name="1 - adds" time="0.01"><failure type="TestFailed" message="not ok 1 - adds"><![CDATA[not ok 1 - adds]]></failure></testcase>
        <testcase name="2 - later # TODO" time="0"><skipped/><failure type="x"/></testcase><system-out><![CDATA[1..2]]></system-out></testsuite>
        <testsuite failures="0" errors="1" tests="2" name="t_b_t"><testcase name="1 - adds" time="0.01"></testcase><testcase name="2 - other"></testcase><error message="Dubious, test returned 9"/></testsuite></testsuites>
        """, "1 - adds (t_a_t), suite t_b_t", TestName = "prove with TAP::Formatter::JUnit")]
    [TestCase("""
        <testsuites><testsuite errors="1" failures="1" name="a_t" tests="1"><testcase name="1 - works"><failure message="not ok 1 - works" type="TestFailed"><![CDATA[not ok 1 - works]]></failure></testcase><error message="Dubious, test returned 1"/></testsuite>
        <testsuite tests="1" failures="0" name="b_t" errors="0"><testcase name="1 - works"></testcase><system-err></system-err></testsuite></testsuites>
        """, "1 - works (a_t), suite a_t", TestName = "prove, where two files have a test of one name")]
    [TestCase("""
        <?xml version="1.0" encoding="utf-8"?>
        <testsuites><testcase name="works" time="0.003" classname="test" failure="bad"><failure type="testCodeFailure" message="bad">Error [ERR_TEST_FAILURE]: bad</failure></testcase>
        <testsuite name="Sums" time="0.004" disabled="0" errors="0" tests="2" failures="1" skipped="1" hostname="vm"><testcase name="adds" time="0" classname="test" failure="1"><failure type="testCodeFailure" message="1">x</failure></testcase>
        <testcase name="later" time="0" classname="test" failure="todo"><skipped type="todo" message="true"/><failure type="testCodeFailure" message="todo">x</failure></testcase></testsuite>
        <testcase name="works" time="0.003" classname="test"/><testsuite name="Sums" time="0.0003" disabled="0" errors="0" tests="1" failures="0" skipped="0" hostname="vm"><testcase name="adds" time="0.0001" classname="test"/></testsuite>
        <!-- tests 12 --></testsuites>
        """, "test.works, test.adds (Sums)", TestName = "node --test, where two files have tests of one name")]
    [TestCase("""
        <testsuites><testsuite name="Sums" tests="2" timestamp="x" hostname="vm"><testcase name="adds" classname="test" file="/work/a.test.js"><failure type="testCodeFailure" message="1">x</failure></testcase><testcase name="is" classname="test" file="/work/a.test.js"/></testsuite>
        <testsuite name="Products" tests="1" timestamp="x" hostname="vm"><testcase name="adds" classname="test" file="/work/a.test.js"/></testsuite></testsuites>
        """, "test.adds (a.test.js)", TestName = "node --test of later versions, with the file")]
    [TestCase("""
        <?xml version="1.0" encoding="utf-8"?><testsuites><testsuite name="Sums.Tests.dll" tests="3" skipped="1" failures="1" errors="0" time="0.1" timestamp="x" hostname="h" id="0" package="Sums.Tests.dll"><properties/>
        <testcase classname="Sums.Tests.SumTests" name="Adds(1,2)" time="0.01"><failure type="failure" message="  Expected: 3">at</failure></testcase><testcase classname="Sums.Tests.SumTests" name="Fine" time="0.01"/><testcase classname="Sums.Tests.SumTests" name="Off" time="0"><skipped/></testcase><system-out>Junit Logger</system-out><system-err/></testsuite></testsuites>
        """, "Sums.Tests.SumTests.Adds(1,2)", TestName = "dotnet test with JunitXml.TestLogger")]
    [TestCase("""
        <?xml version="1.0"?><testsuite name="Chrome 120.0 (Linux)" package="" timestamp="x" id="0" hostname="h" tests="2" errors="0" failures="1" time="0.1"><properties><property name="browser.fullName" value="Mozilla/5.0"/></properties>
        <testcase name="Sums adds" time="0.01" classname="Chrome_120_0_(Linux).Sums"><failure type="">Expected 1 to be 2.</failure></testcase><testcase name="Sums fine" time="0" classname="Chrome_120_0_(Linux).Sums"/><system-out><![CDATA[]]></system-out><system-err/></testsuite>
        """, "Chrome_120_0_(Linux).Sums.Sums adds", TestName = "karma-junit-reporter")]
    [TestCase("""
        <?xml version="1.0" encoding="UTF-8"?><testsuites tests="3" failures="1" disabled="1" errors="0" timestamp="x" time="0.1" name="AllTests"><testsuite name="Sums" tests="3" failures="1" disabled="1" skipped="0" errors="0">
        <testcase name="Adds" file="/work/sums_test.cc" line="5" status="run" result="completed" time="0." timestamp="x" classname="Sums"><failure message="/work/sums_test.cc:6&#x0A;Expected equality" type=""><![CDATA[/work/sums_test.cc:6]]></failure><failure message="second" type=""/></testcase>
        <testcase name="DISABLED_Off" file="/work/sums_test.cc" line="9" status="notrun" result="suppressed" classname="Sums"/><testcase name="Fine/0" value_param="1" file="/work/sums_test.cc" line="12" status="run" result="completed" classname="Many/Sums"/></testsuite></testsuites>
        """, "Sums.Adds (sums_test.cc:5)", TestName = "googletest")]
    [TestCase("""
        <?xml version="1.0" encoding="UTF-8"?><testsuites><testsuite name="sums.exe" errors="0" failures="1" skipped="1" tests="3" hostname="tbd" time="0.1" timestamp="x"><properties><property name="random-seed" value="1"/></properties>
        <testcase classname="sums.exe.global" name="Sums/adds" time="0.01" status="run"><failure message="1 == 2" type="CHECK">FAILED:
          CHECK( 1 == 2 )</failure></testcase><testcase classname="sums.exe.global" name="Off" time="0" status="run"><skipped message="TEST_CASE tagged with !mayfail"/><failure message="x" type="CHECK"/></testcase><system-out/><system-err/></testsuite></testsuites>
        """, "sums.exe.global.Sums/adds", TestName = "Catch2")]
    [TestCase("""
        <testsuites id="" name="" tests="3" failures="1" skipped="0" errors="0" time="1"><testsuite name="a.spec.ts" timestamp="x" hostname="chromium" tests="2" failures="1" skipped="0" time="0.1" errors="0"><testcase name="sums › adds" classname="a.spec.ts" time="0.1"><failure message="a.spec.ts:3:1 adds" type="FAILURE"><![CDATA[  [chromium] › a.spec.ts:3:1]]></failure><system-out><![CDATA[[[ATTACHMENT|x.png]]]]></system-out></testcase><testcase name="fine" classname="a.spec.ts"></testcase></testsuite>
        <testsuite name="a.spec.ts" timestamp="x" hostname="firefox" tests="1" failures="0"><testcase name="sums › adds" classname="a.spec.ts" time="0.1"></testcase></testsuite></testsuites>
        """, "a.spec.ts.sums › adds", TestName = "playwright, one browser of two")]
    [TestCase("""
        <?xml version="1.0" encoding="UTF-8"?><testsuites name="Mocha Tests" time="1" tests="2" failures="1"><testsuite name="Root Suite" timestamp="x" tests="0" file="cypress/e2e/sums.cy.js" time="0" failures="0"></testsuite><testsuite name="sums" timestamp="x" tests="2" time="1" failures="1"><testcase name="sums adds" time="0.1" classname="adds"></testcase><testcase name="sums subtracts" time="0" classname="subtracts"><failure message="Timed out &#x1b;[31mretrying" type="AssertionError"><![CDATA[AssertionError]]></failure></testcase></testsuite></testsuites>
        """, "subtracts.sums subtracts", TestName = "cypress")]
    [TestCase("""
        <?xml version="1.0" encoding="UTF-8"?><testsuite name="Sums" tests="3" errors="0" failures="1" skipped="1" time="0.1" timestamp="x"><testcase classname="Sums.Adding" name="One And One" time="0.1"><failure message="1 != 2" type="AssertionError"/></testcase><testcase classname="Sums.Adding" name="Later" time="0"><skipped message="not yet" type="SkipExecution"/></testcase><properties><property name="Documentation" value="x"/></properties></testsuite>
        """, "Sums.Adding.One And One", TestName = "robot")]
    public void Names_what_failed(string report, string failing, string flaky = "")
    {
        var read = JunitReports.Read([new("out/r.xml", Encoding.UTF8.GetBytes(report))]);

        Assert.That(string.Join(", ", read.Failing), Is.EqualTo(failing));
        Assert.That(string.Join(", ", read.Flaky), Is.EqualTo(flaky));
        Assert.That(read.CaselessInAll, Is.Zero);
    }
}
