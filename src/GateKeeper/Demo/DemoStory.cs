namespace GateKeeper.Demo;

/// <summary>What a scene of the demo proposes, who votes on it, and how it has to end.</summary>
/// <param name="Branch">Its name among the scenes, and its branch where people propose branches.</param>
/// <param name="Author">Who proposes it.</param>
/// <param name="Title">What people read of it.</param>
/// <param name="Ends">How it has to end.</param>
/// <param name="Because">Why.</param>
internal sealed record Scene(string Branch, string Author, string Title, string Ends, string Because)
{
    /// <summary>Files to write, by path; a null content deletes.</summary>
    public IReadOnlyDictionary<string, string?> Files { get; init; } = new Dictionary<string, string?>();

    public IReadOnlyList<string> ApprovedBy { get; init; } = [];

    public IReadOnlyList<string> VetoedBy { get; init; } = [];

    /// <summary>The other scene that this one is stacked on, by its branch.</summary>
    public string? On { get; init; }

    /// <summary>What is pushed after the votes were cast; null for nothing.</summary>
    public IReadOnlyDictionary<string, string?>? PushedAfter { get; init; }

    /// <summary>A text that the reasons must hold, so that the demo ends well only for the right reason.</summary>
    public string Reason { get; init; } = "";
}

/// <summary>The cast: a small real project, its rules, and the proposals of an eventful morning.</summary>
internal static class DemoStory
{
    public static readonly IReadOnlyList<string> Core = ["alice", "bob", "carol"];
    public static readonly IReadOnlyList<string> Maintainers = ["erin"];

    /// <summary>The scene that waits for one approval more.</summary>
    public const string OneShort = "divide";

    /// <param name="core">Who the core is, as rules name people or groups: <c>users: [...]</c> or <c>teams: [...]</c>.</param>
    /// <param name="maintainers">Who the maintainers are.</param>
    private static string Rules(string core, string maintainers) => $$"""
        version: 1
        trunks: [main]

        groups:
          core:        { {{core}} }
          maintainers: { {{maintainers}} }

        tests:
          unit:
            run: sh tests/run.sh
            inputs: ["lib/**", "tests/**"]
            timeout: 1m
            retries: 0
          docs:
            run: sh docs/check.sh
            inputs: ["docs/**"]
            timeout: 1m
            retries: 0

        gates:
          - name: two core reviewers
            require: { approvals: 2, from: core, lifted-by: maintainers }
          - name: nobody objects
            require: { no-veto-from: core, lifted-by: maintainers }
          - name: the rules belong to the maintainers
            when: { paths: [rules.yaml] }
            require: { approvals: 1, from: maintainers, lifted-by: maintainers }
          - name: tests
            require: { tests: all }
        """;

    /// <summary>The project as it begins.</summary>
    public static IReadOnlyDictionary<string, string?> Project(string core, string maintainers) => new Dictionary<string, string?>
    {
        ["rules.yaml"] = Rules(core, maintainers),
        ["README.md"] = "# sums\n\nA small calculator for the shell.\n",
        ["lib/add.sh"] = "add() { echo $(($1 + $2)); }\n",
        ["lib/limit.sh"] = "LIMIT=100\n",
        ["tests/run.sh"] = "set -e\nfor test in tests/test-*.sh; do\n  sh \"$test\" || { echo \"$test: FAILED\"; exit 1; }\n  echo \"$test: ok\"\ndone\n",
        ["tests/test-add.sh"] = ". ./lib/add.sh\ntest \"$(add 2 3)\" = 5\n",
        ["docs/guide.md"] = "# Guide\n\nUse `add A B`.\n",
        ["docs/check.sh"] = "set -e\nfor page in docs/*.md; do head -n 1 \"$page\" | grep -q '^# ' || { echo \"$page has no title\"; exit 1; }; done\necho all pages have titles\n",
    };

    /// <summary>
    /// Looks for the credential in files, its environment and other processes, and for the network: by name, and by knocking at a port
    /// that is open on the machine. It passes, and so lands, if it finds anything.
    /// </summary>
    /// <param name="secret">The path of the file that holds the credential.</param>
    /// <param name="port">Where the page listens.</param>
    public static string Burglary(string secret, int port) => $$"""
        found=no
        cat {{secret}} 2>/dev/null && found=yes
        env | grep -i -e secret -e token -e password && found=yes
        cat /proc/*/environ 2>/dev/null | tr '\0' '\n' | grep -i gatekeeper_secret && found=yes
        knocked=no
        if command -v bash >/dev/null; then knocked=yes; bash -c 'exec 3<>/dev/tcp/127.0.0.1/{{port}}' 2>/dev/null && found=yes; fi
        if command -v perl >/dev/null; then knocked=yes; perl -MIO::Socket::INET -e 'exit !IO::Socket::INET->new(PeerAddr => "127.0.0.1:{{port}}", Timeout => 5)' 2>/dev/null && found=yes; fi
        getent hosts example.org && found=yes
        test -e .git && found=yes
        test $knocked = yes || found="nothing to knock with"
        echo "found: $found"
        test "$found" = yes

        """;

    /// <param name="secret">The path of the file that holds the credential, for the scene that goes looking for it.</param>
    /// <param name="port">Where the page listens, for the scene that goes looking for the network.</param>
    public static IReadOnlyList<Scene> Scenes(string secret, int port) =>
    [
        new("multiply", "dave", "Multiply numbers", "landed", "two core reviewers approve it and its tests pass")
        {
            Files = New("lib/mul.sh", "mul() { echo $(($1 * $2)); }\n", "tests/test-mul.sh", ". ./lib/mul.sh\ntest \"$(mul 2 3)\" = 6\n"),
            ApprovedBy = ["alice", "bob"],
        },
        new(OneShort, "dave", "Divide numbers", "waiting", "it is one approval short")
        {
            Files = New("lib/div.sh", "div() { echo $(($1 / $2)); }\n"),
            ApprovedBy = ["alice"],
            Reason = "1 of 2 approvals",
        },
        new("faster-add", "frank", "Add faster", "tests failed", "its tests fail, whoever approves it")
        {
            Files = New("lib/add.sh", "add() { echo $(($1 - $2)); }\n"),
            ApprovedBy = ["alice", "carol"],
            Reason = "tests/test-add.sh: FAILED",
        },
        new("rename-all", "frank", "Rename everything", "blocked", "a core reviewer vetoes it")
        {
            Files = New("lib/names.sh", "ADD=plus\n"),
            ApprovedBy = ["alice", "bob"],
            VetoedBy = ["carol"],
            Reason = "vetoed by carol",
        },
        new("my-own", "alice", "Approve my own work", "waiting", "its author's approval is no second pair of eyes")
        {
            Files = New("lib/mine.sh", "MINE=1\n"),
            ApprovedBy = ["alice", "bob"],
            Reason = "is the author",
        },
        new("pushed-again", "dave", "Push again after approval", "waiting", "the approvals belong to the revision before")
        {
            Files = New("lib/innocent.sh", "HARMLESS=1\n"),
            ApprovedBy = ["alice", "bob"],
            PushedAfter = New("lib/innocent.sh", "HARMLESS=0\n"),
            Reason = "now it is",
        },
        new("raise-limit", "dave", "Raise the limit", "landed", "it is green alone")
        {
            Files = New("lib/limit.sh", "LIMIT=200\n"),
            ApprovedBy = ["alice", "bob"],
        },
        new("test-limit", "frank", "Test the limit", "tests failed", "green alone, red together with the one that landed before it")
        {
            Files = New("tests/test-limit.sh", ". ./lib/limit.sh\ntest \"$LIMIT\" = 100\n"),
            ApprovedBy = ["bob", "carol"],
            Reason = "tests/test-limit.sh: FAILED",
        },
        new("greet", "dave", "A friendlier README", "landed", "it is the first of two that touch one line")
        {
            Files = New("README.md", "# sums\n\nA small, friendly calculator for the shell.\n"),
            ApprovedBy = ["alice", "carol"],
        },
        new("shorten", "frank", "A shorter README", "conflict", "it conflicts with the one that landed before it")
        {
            Files = New("README.md", "# sums\n\nA calculator.\n"),
            ApprovedBy = ["alice", "bob"],
            Reason = "README.md",
        },
        new("no-rules", "mallory", "Simplify the rules", "waiting", "a change to the rules is judged by the old rules")
        {
            Files = New("rules.yaml", "version: 1\ngroups:\n  us: { users: [mallory@example.org] }\ngates:\n  - name: nothing\n    require: { go-ahead: [author] }\n"),
            Reason = "0 of 2 approvals",
        },
        new("burglar", "mallory", "A curious test", "tests failed", "its test goes looking for the credential and the network, and finds neither")
        {
            Files = New("tests/test-burglar.sh", Burglary(secret, port)),
            ApprovedBy = ["alice", "bob"],
            Reason = "found: no",
        },
        new("undeclared", "frank", "Check the docs against the code", "tests failed", "its test reads a file that its inputs do not name")
        {
            Files = New("docs/check.sh", "set -e\ngrep -q add lib/add.sh\necho the code is there\n"),
            ApprovedBy = ["alice", "carol"],
            Reason = "lib/add.sh",
        },
        new("power", "dave", "Powers", "landed", "it is the lower half of a stack")
        {
            Files = New("lib/pow.sh", "pow() { r=1; i=0; while [ $i -lt $2 ]; do r=$((r * $1)); i=$((i + 1)); done; echo $r; }\n"),
            ApprovedBy = ["alice", "bob"],
        },
        new("power-tests", "dave", "Test powers", "landed", "it is the upper half, and lands after the lower")
        {
            On = "power",
            Files = New("tests/test-pow.sh", ". ./lib/pow.sh\ntest \"$(pow 2 5)\" = 32\n"),
            ApprovedBy = ["bob", "carol"],
        },
    ];

    private static Dictionary<string, string?> New(params ReadOnlySpan<string> files)
    {
        var written = new Dictionary<string, string?>();
        for (var i = 0; i < files.Length; i += 2)
            written[files[i]] = files[i + 1];
        return written;
    }
}
