using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace GateKeeper.Tests;

/// <summary>The commands of the first hour, taken from the documents themselves and executed: what a newcomer types works as it is written.</summary>
public sealed class FirstHour
{
    private const string WithHistory = """
        git init -q --initial-branch=main && git -c user.name=erin -c user.email=erin@example.org commit -q --allow-empty -m 'The beginning'
        git clone -q --bare . /srv/git/tool.git
        """;

    private const string WithAnotherFirstBranch = "git init -q --bare --initial-branch=other /srv/git/tool.git";

    [TestCase(false, TestName = "The commands of getting-started lead from an empty repository to the first landing")]
    [TestCase(true, TestName = "The commands of getting-started lead from a repository with a history to the first landing")]
    public async Task The_commands_of_getting_started_lead_to_the_first_landing(bool hasHistory)
    {
        using var desk = await Desk.SetAsync(hasHistory ? WithHistory : "");

        foreach (var block in Desk.Blocks("docs/getting-started.md", "## 1. ", "## On Gerrit"))
            await desk.TypeAsync(block);

        Assert.That(desk.Explained, Does.Contain("landed").And.Contain("- bob: approval on"));
        Assert.That((await desk.ShellAsync("gatekeeper audit --config settings.json")).Output, Is.EqualTo("Everything on the trunks is accounted for.\n"));
        Assert.That(await desk.TrunkAsync(), Is.EqualTo((string[])[.. hasHistory ? (string[])["The beginning"] : [], "Install rules.yaml", $"Say hello ({desk.Change![..10]})"]));
    }

    [Test]
    public async Task The_commands_of_the_readme_lead_to_a_proposal_that_waits_for_another_persons_vote()
    {
        using var desk = await Desk.SetAsync(WithAnotherFirstBranch);
        var blocks = Desk.Blocks("README.md", "## Use it", "## Work on it").ToList();

        foreach (var block in blocks.SkipLast(1))
            await desk.TypeAsync(block);
        await desk.TypeAsync("git clone /srv/git/tool.git . && git config user.name ana && git config user.email ana@example.org\ngit checkout -b feature && git commit --allow-empty -m feature", "clone");
        await desk.TypeAsync($"export GATEKEEPER_ACCOUNT=ana\n{blocks[^1]}", "clone");

        Assert.That(desk.Explained, Does.Contain("0 of 1 approvals from core").And.Contain("can be met by bob"));
        Assert.That(await desk.TrunkAsync(), Is.EqualTo((string[])["Install rules.yaml"]));
        Assert.That((await desk.ShellAsync("git --git-dir=/srv/git/tool.git symbolic-ref HEAD")).Output, Is.EqualTo("refs/heads/main\n"));
    }

    /// <summary>Somebody at a machine of their own, with the program on the path and a server's folder; nothing of it is shared.</summary>
    private sealed class Desk : IDisposable
    {
        private const string Worker = "gatekeeper run --config settings.json";
        private static readonly string[] Typed = ["git ", "gatekeeper ", "cat ", "echo "];
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);
        private readonly Terminal terminal = new();
        private readonly string page = $"http://127.0.0.1:{Free()}";
        private Process? worker;

        /// <summary>What the last question said why a change has not landed, or that it has.</summary>
        public string Explained { get; private set; } = "";

        public string? Change { get; private set; }

        public static async Task<Desk> SetAsync(string prepare)
        {
            var desk = new Desk();
            foreach (var name in (string[])["bin", "home", "srv/git", "desk"])
                Directory.CreateDirectory(Path.Combine(desk.terminal.Folder, name));
            File.CreateSymbolicLink(Path.Combine(desk.terminal.Folder, "bin/gatekeeper"), Path.Combine(AppContext.BaseDirectory, "gatekeeper"));
            await desk.TypeAsync(prepare, "first");
            return desk;
        }

        /// <summary>The commands that a document shows between two headings, block by block.</summary>
        public static IEnumerable<string> Blocks(string document, string from, string to)
        {
            var text = File.ReadAllText(Path.Combine(HouseRules.Root, document));
            var part = text[text.IndexOf($"\n{from}", StringComparison.Ordinal)..text.IndexOf($"\n{to}", StringComparison.Ordinal)];
            return Regex.Matches(part, "(?:^(?<room> {4,})\\S.*\n)(?:^\\k<room>.*\n)*", RegexOptions.Multiline)
                .Select(match => string.Join('\n', match.Value.TrimEnd('\n').Split('\n').Select(line => line[match.Groups["room"].Length..])))
                .Where(block => Typed.Any(word => block.StartsWith(word, StringComparison.Ordinal)));
        }

        /// <summary>Types what a block says, in a shell of its own; the worker goes on beside it.</summary>
        public async Task TypeAsync(string block, string folder = "")
        {
            var lines = block.Split('\n').ToList();
            var questions = lines.FindAll(line => line.StartsWith("gatekeeper explain ", StringComparison.Ordinal));
            var starts = lines.Exists(IsWorker);
            var seen = await ShellAsync(string.Join('\n', lines.Where(line => !IsWorker(line) && !questions.Contains(line))), folder);
            Assert.That(seen.Code, Is.Zero, $"{block}\n{seen.Output}{seen.Errors}");
            Change = Regex.Match(seen.Output, "^([0-9a-f]{12}) is proposed for main\\.$", RegexOptions.Multiline) is { Success: true } match ? match.Groups[1].Value : Change;
            if (starts)
                await StartAsync();
            foreach (var question in questions)
                await AskAsync(question, isLast: Change is not null && !lines.Exists(line => line.StartsWith("gatekeeper propose", StringComparison.Ordinal)));
        }

        public Task<Seen> ShellAsync(string commands, string folder = "") => terminal.ShellAsync(Here(commands, folder));

        public async Task<string[]> TrunkAsync() =>
            (await ShellAsync("git --git-dir=/srv/git/tool.git log --first-parent --reverse --format=%s main")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

        public void Dispose()
        {
            if (worker is not null)
            {
                using var end = Process.Start("kill", [$"{worker.Id}"]);
                worker.WaitForExit();
                worker.Dispose();
            }

            terminal.Dispose();
        }

        private static bool IsWorker(string line) => line.StartsWith(Worker, StringComparison.Ordinal) && !line.Contains("--once", StringComparison.Ordinal);

        /// <summary>The same commands with this machine's folders and port in them; the settings' own are set from outside.</summary>
        private string Here(string commands, string folder) => $"""
            export PATH='{terminal.Folder}/bin':"$PATH" HOME='{terminal.Folder}/home' GIT_CONFIG_NOSYSTEM=1
            export GATEKEEPER__work='{terminal.Folder}/work' GATEKEEPER__page__listen={page} GATEKEEPER__runs__memory=256MiB GATEKEEPER__runs__disk=64MiB
            mkdir -p '{terminal.Folder}/desk/{folder}' && cd '{terminal.Folder}/desk/{folder}'
            {commands.Replace("/srv/git", $"{terminal.Folder}/srv/git", StringComparison.Ordinal).Replace("http://127.0.0.1:8380", page, StringComparison.Ordinal).Replace("tool/ID", $"tool/{Change}", StringComparison.Ordinal)}
            """;

        private async Task StartAsync()
        {
            worker = Process.Start(new ProcessStartInfo("sh", ["-euc", Here($"exec {Worker} >'{terminal.Folder}/worker.log' 2>&1", "")]))!;
            await UntilAsync(async () => (await AnswersAsync(), "the worker's page does not answer"));
        }

        /// <summary>Asks why a change has not landed: once it is seen, or, as the last question there is, until it has landed.</summary>
        private Task AskAsync(string question, bool isLast) => UntilAsync(async () =>
        {
            var seen = await ShellAsync(question);
            Explained = seen.Output;
            return (seen.Output.Contains(isLast ? "bob: approval on" : "approvals", StringComparison.Ordinal), seen.Output + seen.Errors);
        });

        private async Task UntilAsync(Func<Task<(bool Is, string Else)>> happened)
        {
            var began = Stopwatch.GetTimestamp();
            while (await happened() is { Is: false } not)
            {
                Assert.That(Stopwatch.GetElapsedTime(began), Is.LessThan(Patience), () => $"{not.Else}\n{File.ReadAllText(Path.Combine(terminal.Folder, "worker.log"))}");
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
            }
        }

        private async Task<bool> AnswersAsync()
        {
            using var client = new HttpClient();
            try
            {
                using var answer = await client.GetAsync(new Uri($"{page}/readyz"));
                return answer.StatusCode == HttpStatusCode.OK;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }

        private static int Free()
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            return ((IPEndPoint)listener.LocalEndpoint).Port;
        }
    }
}
