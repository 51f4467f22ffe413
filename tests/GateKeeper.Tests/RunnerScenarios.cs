using System.Text.RegularExpressions;
using GateKeeper.Runs;

namespace GateKeeper.Tests;

/// <summary>
/// Ordinary test runners in the sandbox as it is by default: each row of the table in docs/runners.md is a story here. A tool that is not
/// installed on this machine is not tried, and the story says so.
/// </summary>
public sealed partial class RunnerScenarios
{
    // The defaults of the settings, as far as this machine has the memory.
    private static readonly RunLimits Usual = new(4L << 30, 2L << 30, 512, 16 << 20, Network: false);
    private static readonly Dictionary<string, RunRoom> Rooms = [];

    /// <summary>One row of the table.</summary>
    /// <param name="Name">What the table calls it.</param>
    /// <param name="Program">What must be on the path.</param>
    /// <param name="Package">Where it comes from.</param>
    /// <param name="Command">A test that passes, and where that costs little one that fails and is seen to.</param>
    public sealed record Row(string Name, string Program, string Package, string Command)
    {
        public Dictionary<string, string> Files { get; init; } = [];

        public override string ToString() => Name;
    }

    public static readonly Row[] Table =
    [
        new("names", "getent", "libc-bin", """
            set -e
            getent hosts localhost | grep -E '^(::1|127[.]0[.]0[.]1) '
            getent hosts "$(hostname)" | grep '^127[.]0[.]1[.]1 *gatekeeper$'
            test "$(getent passwd "$(id -u)" | cut -d: -f1)" = run; getent passwd nobody; getent group nogroup
            if getent hosts example.org; then exit 1; fi
            test "$(cat /etc/hostname)" = gatekeeper; test -s /etc/machine-id; grep -q ' /work ' /etc/mtab
            for place in /tmp /var/tmp /run/lock /var/lock /run/shm /dev/shm "$HOME"; do : > "$place/mine"; rm "$place/mine"; done
            """),
        new("services and protocols", "perl", "perl, netbase", """perl -e 'print +(getservbyname("https", "tcp"))[2] == 443 && getprotobyname("udp") == 17 ? "found\n" : die'""") { Files = { ["needs"] = "/etc/services" } },
        new("gcc and make", "gcc", "gcc, make", "make -s check") { Files = { ["Makefile"] = "check: sum\n\t./sum\nsum: sum.c\n\tcc -o sum sum.c\n", ["sum.c"] = "int main(void) { return 1 + 1 == 2 ? 0 : 1; }\n" } },
        new("ctest", "ctest", "cmake", "cmake -S . -B out > log && cmake --build out >> log && ctest --test-dir out --output-on-failure")
        {
            Files = { ["CMakeLists.txt"] = "cmake_minimum_required(VERSION 3.18)\nproject(sum C)\nenable_testing()\nadd_executable(sum sum.c)\nadd_test(NAME sum COMMAND sum)\n", ["sum.c"] = "int main(void) { return 0; }\n" },
        },
        new("prove", "prove", "perl", "prove t/good.t && ! prove t/bad.t") { Files = { ["t/good.t"] = "use Test::More tests => 1; ok(1);\n", ["t/bad.t"] = "use Test::More tests => 1; ok(0);\n" } },
        new("bats", "bats", "bats", "bats good.bats && ! bats bad.bats") { Files = { ["good.bats"] = "@test \"sum\" { [ $((1 + 1)) -eq 2 ]; }\n", ["bad.bats"] = "@test \"sum\" { false; }\n" } },
        new("pytest", "/usr/bin/pytest-3", "python3-pytest", "pytest-3 -q test_good.py && ! pytest-3 -q test_bad.py") { Files = { ["test_good.py"] = Server, ["test_bad.py"] = "def test_bad():\n    assert False\n" } },
        new("pytest-xdist", "/usr/bin/pytest-3", "python3-pytest-xdist", "pytest-3 -q -n 2 test_good.py") { Files = { ["test_good.py"] = Server, ["needs"] = "/usr/lib/python3/dist-packages/xdist" } },
        new("node --test", "node", "nodejs", "node --test good.test.js && ! node --test bad.test.js") { Files = { ["good.test.js"] = Fetch("require('node:test')"), ["bad.test.js"] = "require('node:test')('bad', () => { throw new Error('bad'); });\n" } },
        new("mocha", "mocha", "npm: mocha", "mocha good.test.js && ! mocha bad.test.js") { Files = { ["good.test.js"] = Fetch("it"), ["bad.test.js"] = "it('bad', () => { throw new Error('bad'); });\n" } },
        new("jest", "jest", "npm: jest", "jest good.test.js && ! jest bad.test.js") { Files = { ["package.json"] = "{}\n", ["good.test.js"] = Fetch("test"), ["bad.test.js"] = "test('bad', () => { throw new Error('bad'); });\n" } },
        new("vitest", "vitest", "npm: vitest", "vitest run --globals") { Files = { ["package.json"] = "{}\n", ["good.test.mjs"] = Fetch("test").Replace("const http = require('node:http')", "import http from 'node:http'", StringComparison.Ordinal) } },
        new("rspec", "rspec", "ruby-rspec", "rspec good_spec.rb && ! rspec bad_spec.rb") { Files = { ["good_spec.rb"] = "describe('sum') { it('adds') { expect(1 + 1).to eq 2 } }\n", ["bad_spec.rb"] = "describe('sum') { it('adds') { expect(1).to eq 2 } }\n" } },
        new("php and PHPUnit", "phpunit", "phpunit", "php -m | grep -qx mbstring && php -r 'exit((int)!session_start());' && phpunit GoodTest.php && ! phpunit BadTest.php")
        {
            Files = { ["GoodTest.php"] = "<?php class GoodTest extends PHPUnit\\Framework\\TestCase { function testSum() { $this->assertSame(2, 1 + 1); } }\n", ["BadTest.php"] = "<?php class BadTest extends PHPUnit\\Framework\\TestCase { function testSum() { $this->assertSame(2, 1); } }\n" },
        },
        new("java", "java", "openjdk-17-jdk-headless", "java Good.java")
        {
            Files =
            {
                ["Good.java"] = "class Good { public static void main(String[] a) throws Exception { System.out.println(java.net.InetAddress.getLocalHost()); System.out.println(java.net.InetAddress.getByName(\"localhost\")); } }\n",
            },
        },
        new("maven", "mvn", "maven", "mvn -o -q validate") { Files = { ["pom.xml"] = "<project><modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>a</artifactId><version>1</version><packaging>pom</packaging></project>\n" } },
        new("go", "go", "golang-go", "go test ./...") { Files = { ["go.mod"] = "module sum\n\ngo 1.19\n", ["sum_test.go"] = "package sum\n\nimport \"testing\"\n\nfunc TestSum(t *testing.T) {\n\tif 1+1 != 2 {\n\t\tt.Fail()\n\t}\n}\n" } },
        new("cargo", "/usr/bin/cargo", "cargo", "cargo test --offline -q") { Files = { ["Cargo.toml"] = "[package]\nname = \"sum\"\nversion = \"1.0.0\"\nedition = \"2021\"\n", ["src/lib.rs"] = "#[test]\nfn sum() { assert_eq!(1 + 1, 2); }\n" } },
        new("dotnet test", "dotnet", "the .NET SDK 10", "dotnet test $TESTS/GateKeeper.Core.Tests.dll --nologo --filter FullyQualifiedName~AgeingTests") { Files = { ["needs"] = Path.Combine(HouseRules.Root, "artifacts/bin/GateKeeper.Core.Tests/release/GateKeeper.Core.Tests.dll") } },
        new("xvfb", "xvfb-run", "xvfb, xauth", "xvfb-run -a sh -c 'test -S /tmp/.X11-unix/X${DISPLAY#:}'"),
        new("PostgreSQL", "/usr/lib/postgresql/15/bin/initdb", "postgresql-15", """
            set -e; PATH=/usr/lib/postgresql/15/bin:$PATH
            initdb -D /tmp/db --no-sync > log && pg_ctl -D /tmp/db -o "-k /tmp" -l log -w start
            test "$(psql -h localhost -Atc 'select current_user' postgres)" = run && test "$(psql -h /tmp -Atc 'select 1 + 1' postgres)" = 2
            """),
        new("matplotlib", "python3", "python3-matplotlib", "/usr/bin/python3 -c 'import matplotlib; matplotlib.use(\"Agg\"); import matplotlib.pyplot as plot; plot.plot([1, 2]); plot.savefig(\"out.png\")' && test -s out.png") { Files = { ["needs"] = "/usr/lib/python3/dist-packages/matplotlib" } },
        new("aspell", "aspell", "aspell, aspell-en", "test \"$(echo 'a speling of words' | aspell -l en list)\" = speling") { Files = { ["needs"] = "/var/lib/aspell/en-common.rws" } },
        new("chromium", "chromium", "chromium", "chromium --headless --no-sandbox --disable-gpu --dump-dom page.html 2>log | grep -q '<b>2</b>'") { Files = { ["page.html"] = "<script>document.write('<b>' + (1 + 1) + '</b>')</script>\n" } },
    ];

    private const string Server = """
        import http.server, socket, threading, urllib.request

        def test_localhost():
            server = http.server.HTTPServer(("localhost", 0), http.server.SimpleHTTPRequestHandler)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            assert urllib.request.urlopen("http://localhost:%d/" % server.server_port).status == 200

        def test_own_name():
            assert socket.gethostbyname(socket.gethostname()) == "127.0.1.1"

        """;

    private static string Fetch(string test) => $$"""
        const http = require('node:http');
        {{test}}('localhost', async () => {
          const server = http.createServer((_, answer) => answer.end('fine'));
          await new Promise(done => server.listen(0, 'localhost', done));
          const said = await (await fetch(`http://localhost:${server.address().port}/`)).text();
          server.close();
          if (said !== 'fine') throw new Error(said);
        });

        """;

    [OneTimeTearDown]
    public async Task Close()
    {
        foreach (var room in Rooms.Values)
            await room.DisposeAsync();
    }

    [TestCaseSource(nameof(Table))]
    public async Task What_the_table_of_runners_says_is_so(Row row)
    {
        var program = ((string[])["", "/usr/local/bin/", "/usr/bin/"]).Select(folder => folder + row.Program).FirstOrDefault(path => path[0] == '/' && File.Exists(path) && Real(path).Exists);
        var needs = row.Files.GetValueOrDefault("needs");
        if (program is null || (needs is not null && !Path.Exists(needs)))
            Assert.Ignore($"{row.Name} is not tried: {(program is null ? row.Program : needs)} is not on this machine ({row.Package})");
        if (needs?.StartsWith($"{Core.Reports.TreePlace.Root}/", StringComparison.Ordinal) == true)
            Assert.Ignore($"{row.Name} is not tried: {needs} lies where a run has its own tree");
        var room = Room(program, needs);
        var mirror = room.Mirror();

        var run = await room.RunAsync(
            new() { Name = "unit", Run = row.Command, Timeout = TimeSpan.FromMinutes(2), Env = [new("TESTS", Path.GetDirectoryName(needs) ?? "")] }, mirror, RunRoom.Tree(mirror, row.Files.Count > 0 ? row.Files : new() { ["empty"] = "" }));

        Assert.That(run.Outcome, Is.EqualTo("Passed"), $"{run.Summary}\n{run.Log}");
    }

    [Test]
    public void The_table_has_a_row_for_each_of_these_and_for_no_other()
    {
        var said = Rows().Matches(File.ReadAllText(Path.Combine(HouseRules.Root, "docs", "runners.md"))).Select(match => match.Groups[1].Value);

        Assert.That(said, Is.EquivalentTo(Table.Select(row => row.Name)));
    }

    /// <summary>What lies outside of /usr is shown by the operator, as the page says.</summary>
    private static RunRoom Room(string program, string? needs)
    {
        var real = Real(program).FullName;
        var mount = needs?.EndsWith(".dll", StringComparison.Ordinal) == true ? Path.GetDirectoryName(needs)!
            : real.IndexOf("/node_modules/", StringComparison.Ordinal) is > 0 and var at && !real.StartsWith("/usr/", StringComparison.Ordinal) ? $"{real[..at]}/node_modules"
            : "";
        if (!Rooms.TryGetValue(mount, out var room))
            Rooms[mount] = room = new([.. mount.Length > 0 ? (string[])[$"{mount}:ro"] : []], limits: Usual);
        return room;
    }

    /// <summary>A link that leads nowhere exists, and what it leads to does not.</summary>
    private static FileSystemInfo Real(string path) => new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true) ?? new FileInfo(path);

    [GeneratedRegex(@"^\| \*\*(.+?)\*\* \|", RegexOptions.Multiline)]
    private static partial Regex Rows();
}
