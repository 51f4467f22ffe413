using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace GateKeeper.Git;

/// <summary>What a git process answered.</summary>
internal sealed record GitAnswer(int Exit, byte[] Bytes, string Error)
{
    public bool Ok => Exit == 0;

    public string Text => Encoding.UTF8.GetString(Bytes);
}

/// <summary>Git did not answer as it should; the text names the command, never a credential.</summary>
internal class GitException(string message) : Exception(message);

/// <summary>
/// Starts the git program for one repository: arguments as an array, an environment of its own, no configuration of the machine, no
/// replaced objects, no prompts, and limits on time and memory.
/// </summary>
internal sealed class GitProgram(string directory, string? home, Credential? credential = null, string? account = null)
{
    private const string MemoryLimit = "--as=8589934592";
    private const string SizeLimit = "--fsize=8589934592";
    private static readonly HashSet<string> OverTheWire = ["fetch", "push", "ls-remote"];

    /// <summary>What every repository is that is made here, whatever somebody's settings or a later git say: LibGit2Sharp reads no other kind.</summary>
    private static readonly KeyValuePair<string, string>[] Kind = [new("GIT_DEFAULT_HASH", "sha1"), new("GIT_DEFAULT_REF_FORMAT", "files")];

    /// <summary>What leads git to another repository than the folder that it stands in, as where git itself called the program.</summary>
    private static readonly List<string> Bound =
        ["GIT_DIR", "GIT_COMMON_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_NAMESPACE", "GIT_PREFIX", "GIT_SHALLOW_FILE"];

    public string Directory => directory;

    /// <summary>Whether the folder is meant, wherever the environment of a person's own git leads; a hook needs just that environment.</summary>
    public bool IsApart { get; init; }

    public Credential? Credential => credential;

    public async Task<GitAnswer> RunAsync(
        IReadOnlyList<string> arguments, CancellationToken cancellation, byte[]? input = null, TimeSpan? limit = null,
        IEnumerable<KeyValuePair<string, string>>? environment = null, string[]? before = null)
    {
        var most = limit ?? TimeSpan.FromMinutes(2);
        using var process = Children.Start(Start(arguments, environment, before ?? Unattended(arguments, most)));
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(most);
        try
        {
            var error = process.StandardError.ReadToEndAsync(deadline.Token);
            var output = ReadAsync(process.StandardOutput.BaseStream, deadline.Token);
            if (input is not null)
                await process.StandardInput.BaseStream.WriteAsync(input, deadline.Token);
            process.StandardInput.Close();
            var bytes = await output;
            var text = await error;
            await process.WaitForExitAsync(deadline.Token);
            return new(process.ExitCode, bytes, Redact(text.Trim()));
        }
        catch (Exception error) when (error is OperationCanceledException or IOException)
        {
            process.Kill(entireProcessTree: true);
            cancellation.ThrowIfCancellationRequested();
            throw new GitException(error is IOException ? $"git {Verb(arguments)}: {error.Message}" : $"git {Verb(arguments)} did not end in time");
        }
    }

    /// <summary>The answer of a command that has to succeed.</summary>
    public async Task<GitAnswer> NeedAsync(IReadOnlyList<string> arguments, CancellationToken cancellation, byte[]? input = null, TimeSpan? limit = null)
    {
        var answer = await RunAsync(arguments, cancellation, input, limit);
        return answer.Ok ? answer : throw new GitException($"git {Verb(arguments)} ended with {answer.Exit}: {answer.Error}");
    }

    /// <summary>
    /// What ends a push at its limit even where the worker that watched it is gone: nobody else may find it at work after its turn. A
    /// person's own push is watched by that person, and may have to ask at the terminal.
    /// </summary>
    private string[] Unattended(IReadOnlyList<string> arguments, TimeSpan most) =>
        home is not null && arguments.Contains("push") ? ["timeout", "-s", "KILL", most.TotalSeconds.ToString(CultureInfo.InvariantCulture)] : [];

    public ProcessStartInfo Start(IReadOnlyList<string> arguments, IEnumerable<KeyValuePair<string, string>>? environment = null, params string[] before)
    {
        var start = new ProcessStartInfo("prlimit")
        {
            WorkingDirectory = directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in (string[])["--core=0", MemoryLimit, SizeLimit, .. before, "git", .. arguments])
            start.ArgumentList.Add(argument);
        if (home is not null)
            start.Environment.Clear();
        else if (IsApart)
            Bound.ForEach(name => start.Environment.Remove(name));
        var own = home is null ? new Dictionary<string, string> { ["LC_ALL"] = "C", ["GIT_NO_REPLACE_OBJECTS"] = "1" } : Base(home);
        foreach (var (name, value) in own.Concat(Kind).Concat(arguments.Any(OverTheWire.Contains) ? credential?.GitEnvironment ?? [] : []).Concat(environment ?? []).Concat(account is null ? [] : [new("GATEKEEPER_ACCOUNT", account)]))
            start.Environment[name] = value;
        return start;
    }

    public static Dictionary<string, string> Base(string? home) => new()
    {
        ["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "/usr/local/bin:/usr/bin:/bin",
        ["HOME"] = home ?? "/",
        ["LC_ALL"] = "C",
        ["TZ"] = "UTC",
        ["GIT_CONFIG_NOSYSTEM"] = "1",
        ["GIT_CONFIG_GLOBAL"] = home is null ? "/dev/null" : ConfigOf(home),
        ["GIT_ATTR_NOSYSTEM"] = "1",
        ["GIT_NO_REPLACE_OBJECTS"] = "1",
        ["GIT_TERMINAL_PROMPT"] = "0",

        // A server whose key is not known yet must not be asked about at the terminal of somebody who runs the doctor.
        ["GIT_SSH_COMMAND"] = "ssh -o BatchMode=yes",
        ["GIT_OPTIONAL_LOCKS"] = "0",
    };

    private static string Verb(IReadOnlyList<string> arguments) => arguments[Enumerable.Range(0, arguments.Count).First(at => at % 2 == 0 && arguments[at] is not ("-c" or "-C"))];

    public string Redact(string text) => credential is null ? text : credential.Redact(text);

    private static string ConfigOf(string home)
    {
        var path = Path.Combine(home, "gitconfig");
        if (!File.Exists(path))
        {
            System.IO.Directory.CreateDirectory(home);

            // The operator's own repositories may belong to another account; what the gate starts there is only receive-pack and upload-pack.
            // Whole or not at all, also on a full disk.
            File.WriteAllText(path + ".new", "[safe]\n\tdirectory = *\n[core]\n\tlogAllRefUpdates = false\n[receive]\n\tautogc = false\n[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n[advice]\n\tdetachedHead = false\n");
            File.Move(path + ".new", path, overwrite: true);
        }

        return path;
    }

    private static async Task<byte[]> ReadAsync(Stream stream, CancellationToken cancellation)
    {
        using var memory = new MemoryStream();
        await stream.CopyToAsync(memory, cancellation);
        return memory.ToArray();
    }
}
