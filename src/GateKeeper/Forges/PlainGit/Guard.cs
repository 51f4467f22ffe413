using System.Globalization;
using System.Text;
using GateKeeper.Core.Changes;
using GateKeeper.Git;

namespace GateKeeper.Forges.PlainGit;

/// <summary>
/// The guard of a bare repository: hooks that judge and log pushes. It speaks to git by processes, because what is being pushed lies in
/// a quarantine that only the hook's own environment opens.
/// </summary>
internal sealed class Guard(string directory, TimeProvider time) : IGuardedRepository
{
    private static readonly string[] Variables = ["GATEKEEPER_ACCOUNT", "GL_USER", "REMOTE_USER"];
    private static readonly string[] Hooks = ["pre-receive", "post-receive"];
    private const string EmptyTree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
    private const int MostTries = 50;
    private const int MostBeside = 1000;
    private const long MostNotes = 256L << 20;
    private const string Mark = "# gatekeeper guard";
    private readonly GitProgram git = new(directory, home: null);

    public GuardedBranches Branches => new(directory, git);

    private string Folder => Path.Combine(directory, GuardSettings.Folder);

    private string HookFile(string hook) => Path.Combine(directory, "hooks", hook);

    private string AccountsFile => Path.Combine(Folder, "accounts.json");

    /// <summary>Installs the guard, or brings it up to date; answers what was done, in words.</summary>
    public async Task<IReadOnlyList<string>> InstallAsync(GuardSettings settings, string? accountsFrom, string program, CancellationToken cancellation)
    {
        if (!File.Exists(Path.Combine(directory, "HEAD")) || !Directory.Exists(Path.Combine(directory, "objects")))
            throw new ReviewException($"{directory} is no bare repository");
        if (await FileRights.ForeignAsync(directory, cancellation) is { } owner)
            throw new ReviewException($"{directory} belongs to {owner}, who could not write what {Environment.UserName} makes there: install the guard as that account (sudo -u {owner} gatekeeper guard ...)");
        var from = accountsFrom ?? AccountsFile;
        if (!File.Exists(from))
            throw new ReviewException(accountsFrom is null ? "name the accounts: --accounts FILE, which reads {\"ana\": {\"emails\": [\"ana@example.org\"]}}" : $"{from}: there is no such file");

        // Read before anything is touched: a guard that is at work keeps what it has when the new file is no good.
        var accounts = await File.ReadAllTextAsync(from, cancellation);
        Accounts.Parse(accounts);
        if (Hooks.FirstOrDefault(hook => File.Exists(HookFile(hook)) && !File.ReadAllText(HookFile(hook)).Contains(Mark, StringComparison.Ordinal)) is { } own)
            throw new ReviewException($"{HookFile(own)} is there already; call it from a script of your own together with \"{program} guard-hook {own}\", and remove it");
        Directory.CreateDirectory(Folder);
        if (accountsFrom is not null)
        {
            await File.WriteAllTextAsync(AccountsFile + ".new", accounts, cancellation);
            File.Move(AccountsFile + ".new", AccountsFile, overwrite: true);
        }

        settings.Write(directory);

        var done = new List<string>();
        foreach (var (hook, path) in Hooks.Select(hook => (hook, HookFile(hook))))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(path, $"#!/bin/sh\n{Mark}\n{Call(program, hook)}\n", cancellation);
            File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
            done.Add($"hooks/{hook} calls {program}");
        }

        if ((await git.RunAsync(["config", "--local", "core.hooksPath"], cancellation)).Text.Trim() is { Length: > 0 } other and not "hooks")
            done.Add($"core.hooksPath was {other}: the hooks there are not called any more");
        foreach (var (key, value) in ((string, string)[])[("receive.fsckObjects", "true"), ("receive.maxInputSize", "1g"), ("core.hooksPath", "hooks"), ("receive.denyDeleteCurrent", "refuse")])
            await git.NeedAsync(["config", key, value], cancellation);
        await Branches.LeadAsync(settings.Trunks, cancellation);
        done.AddRange(await Branches.MissingAsync(settings.Trunks, cancellation));
        await PublishAccountsAsync(cancellation);
        if (await TipAsync(PushLog.Ref, cancellation) is null)
        {
            if (!await CommitAsync(PushLog.Ref, "baseline: what was pushed before this is by nobody knows whom\n", null, cancellation))
                throw new GitException($"{PushLog.Ref} could not be written, so nobody could be told from another: look at the repository, then install the guard again");
            done.Add("the push log begins here; what is older cannot be attributed");
        }

        var first = await git.NeedAsync(["rev-list", "--first-parent", "--max-parents=0", (await TipAsync(PushLog.Ref, cancellation))!], cancellation);
        done.Add($"for a worker on another machine, in the settings of the repository: \"guard\": \"{first.Text.Trim()}\"");
        done.Add($"only {settings.Gate} moves {string.Join(", ", settings.Trunks)}");
        return done;
    }

    /// <summary>Whether a guard's files lie in a repository on this machine, and its hooks are called: none of that comes by a push.</summary>
    public static bool IsInstalled(string repository)
    {
        try
        {
            return GuardSettings.ReadOrNull(repository) is not null && Hooks.All(hook =>
                Path.Combine(repository, "hooks", hook) is var path && File.Exists(path)
                && File.GetUnixFileMode(path).HasFlag(UnixFileMode.UserExecute) && Calls(File.ReadAllText(path), hook));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or System.Text.Json.JsonException)
        {
            return false;
        }
    }

    private static string Call(string program, string hook) => $"exec '{program}' guard-hook {hook}";

    /// <summary>The program that a script calls for the guard, where it does nothing else; null where it does.</summary>
    public static string? CalledBy(string script, string hook) =>
        Commands(script) is [var only] && only.Split('\'') is [_, var program, _] && only == Call(program, hook) ? program : null;

    /// <summary>Whether a script speaks of the guard in a line that is no remark; what else it does is its author's word.</summary>
    public static bool Calls(string script, string hook) =>
        Commands(script).Exists(line => line.Contains($"guard-hook {hook}", StringComparison.Ordinal));

    private static List<string> Commands(string script) => [.. script.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#')];

    /// <summary>The account that the front end names; null when it names none.</summary>
    public static Account? Pusher() =>
        Variables.Select(Environment.GetEnvironmentVariable).FirstOrDefault(name => !string.IsNullOrEmpty(name)) is { } account ? new Account(account) : null;

    /// <summary>Judges what is about to be pushed; null when it may go in.</summary>
    public string? Judge(IReadOnlyList<RefUpdate> updates) =>
        new GuardRules(GuardSettings.Read(directory), Accounts.Parse(File.ReadAllText(AccountsFile)), this, time.GetUtcNow()).Refuse(Pusher(), updates);

    /// <summary>Writes a push that went in into the log, and wakes who waits for it.</summary>
    public async Task LogAsync(IReadOnlyList<RefUpdate> updates, CancellationToken cancellation)
    {
        var moved = updates.Select(update => (update.Old, update.New, Resolve(update.Ref))).Concat(await BesideAsync(updates, cancellation));
        var text = PushLog.Write(time.GetUtcNow(), Pusher() ?? new("unknown"), moved);
        var logged = false;
        for (var tries = 0; tries < MostTries && !logged; tries++)
        {
            if (tries > 0)
                await Task.Delay(TimeSpan.FromMilliseconds(tries), time, cancellation);
            logged = await CommitAsync(PushLog.Ref, text, await TipAsync(PushLog.Ref, cancellation), cancellation);
        }

        if (!logged)
            throw new GitException($"the push went in, but {PushLog.Ref} could not be written: what it says stands where it objects and counts for nothing else; tell the server's operator, then say it again");
        await PublishAccountsAsync(cancellation);
        await File.WriteAllTextAsync(Path.Combine(Folder, "pushed"), text, cancellation);
    }

    /// <summary>The commits that a push brought and moved no branch to: whoever comes with them later did not push them first.</summary>
    private async Task<IEnumerable<(string Old, string New, string Ref)>> BesideAsync(IReadOnlyList<RefUpdate> updates, CancellationToken cancellation)
    {
        var to = updates.Where(update => !update.Deletes && !update.Ref.StartsWith("refs/notes/", StringComparison.Ordinal)).Select(update => update.New).ToList();
        if (to.Count == 0)
            return [];
        var (moved, heads) = (updates.Select(update => update.Ref).ToHashSet(), updates.Where(update => update.Ref.StartsWith("refs/heads/", StringComparison.Ordinal)).Select(update => update.New).ToHashSet());
        var refs = await git.NeedAsync(["for-each-ref", "--format=%(objectname) %(refname)"], cancellation);
        var known = refs.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ', 2)).Where(line => !moved.Contains(line[1])).Select(line => line[0])
            .Concat(updates.Where(update => !update.Creates).Select(update => update.Old)).Distinct();
        var input = string.Concat(to.Concat(known.Select(id => $"^{id}")).Select(line => line + "\n"));
        var answer = await git.RunAsync(["rev-list", $"--max-count={MostBeside}", "--ignore-missing", "--stdin"], cancellation, Encoding.ASCII.GetBytes(input));
        return answer.Ok ? answer.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(commit => !heads.Contains(commit)).Select(commit => (new string('0', commit.Length), commit, PushLog.Beside)) : [];
    }

    public bool IsThere(string reference) => Ask("show-ref", "--verify", "--quiet", reference).Ok;

    public string Resolve(string reference)
    {
        for (var steps = 0; steps < 10; steps++)
        {
            var answer = Ask("symbolic-ref", "--quiet", reference);
            if (!answer.Ok)
                return reference;
            reference = answer.Text.Trim();
        }

        return "refs/endless";
    }

    public bool IsForward(RefUpdate update) => Ask("merge-base", "--is-ancestor", update.Old, update.New).Ok;

    public bool IsCommit(string id) => CommitSha.TryParse(id, out _) && Ask("cat-file", "-t", id) is { Ok: true } answer && answer.Text.Trim() == "commit";

    public IReadOnlyList<string> Makers(string commit) =>
        Ask("log", "-1", "--no-mailmap", "--format=%ae%n%ce", commit) is { Ok: true } answer ? answer.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries) : [];

    public IEnumerable<NoteUpdate> Notes(RefUpdate update)
    {
        var answer = Ask("diff-tree", "-r", "-z", "--no-renames", update.Creates ? EmptyTree : update.Old, update.New);
        if (!answer.Ok)
            throw new GitException($"the notes cannot be compared: {answer.Error}");
        var fields = answer.Text.Split('\0', StringSplitOptions.RemoveEmptyEntries);
        var touched = Enumerable.Range(0, fields.Length / 2).Select(i => (Path: fields[(2 * i) + 1], Mode: fields[2 * i].Split(' ')[1])).ToLookup(file => PlainGit.Notes.Key(file.Path));
        var keys = touched.Select(note => note.Key).ToHashSet();
        var (before, after) = (NotePlaces.Read(update.Creates ? "" : List(update.Old)), NotePlaces.Read(List(update.New)));
        return [.. keys.Select(key => new NoteUpdate(update.Ref, key, Lines(before.Of(key)), Lines(after.Of(key)))
        {
            // What was there before in a place of its own is nobody's fault who writes now.
            Ambiguous = (after.Canonical(key) > 1 && after.Canonical(key) > before.Canonical(key)) || touched[key].Any(file => file.Mode is not ("100644" or NotePlaces.Gone)),
            Misplaced = touched[key].Where(file => file.Mode != NotePlaces.Gone && !after.IsPlace(file.Path)).Select(file => file.Path).FirstOrDefault(),
        })];
    }

    /// <summary>Everybody fetches all of a notes ref, the gate before it does anything else: also what a later commit took out again.</summary>
    public string? Bulk(RefUpdate update)
    {
        var listed = Ask("rev-list", "--objects", "--no-object-names", update.New, "--not", "--glob=refs/notes/*");
        var sizes = listed.Ok ? git.RunAsync(["cat-file", "--batch-check=%(objectsize)"], CancellationToken.None, listed.Bytes).GetAwaiter().GetResult() : listed;
        var all = 0L;
        foreach (var line in sizes.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!sizes.Ok || !long.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out var size))
                throw new GitException($"what it brings cannot be looked through: {sizes.Error}");
            if (size > PlainGit.Notes.MaxNote)
                return $"it brings an object of more than {PlainGit.Notes.MaxNote >> 20} MiB, which is no note";
            all += size;
        }

        return !sizes.Ok ? throw new GitException($"what it brings cannot be looked through: {sizes.Error}")
            : all > MostNotes ? $"it brings notes of more than {MostNotes >> 20} MiB at once; push them in parts"
            : null;
    }

    private string List(string commit)
    {
        var answer = Ask("ls-tree", "-r", "-z", "--full-tree", commit);
        return answer.Ok ? answer.Text : throw new GitException($"the notes cannot be listed: {answer.Error}");
    }

    private string[] Lines(IEnumerable<string> blobs) => [.. blobs.SelectMany(blob =>
        Ask("cat-file", "blob", blob) is { Ok: true } answer ? NoteLines.Split(answer.Text) : throw new GitException($"the note {blob} cannot be read, so what was said before is not known"))];

    private GitAnswer Ask(params IReadOnlyList<string> arguments) => git.RunAsync(arguments, CancellationToken.None).GetAwaiter().GetResult();

    /// <summary>A worker on another machine reads the mapping like the rest of the repository.</summary>
    private async Task PublishAccountsAsync(CancellationToken cancellation)
    {
        var text = await File.ReadAllTextAsync(AccountsFile, cancellation);
        var tip = await TipAsync(PlainGitForge.GuardRef, cancellation);
        var known = tip is not null ? (await git.RunAsync(["log", "-1", "--format=%B", tip], cancellation)).Text.Trim() : null;
        if (known != text.Trim())
            await CommitAsync(PlainGitForge.GuardRef, text, tip, cancellation);
    }

    /// <summary>Where the very ref of this name is, and no other that git would take for it; null where there is none.</summary>
    private async Task<string?> TipAsync(string reference, CancellationToken cancellation) =>
        await git.RunAsync(["show-ref", "--verify", "--hash", "--", reference], cancellation) is { Ok: true } answer ? answer.Text.Trim() : null;

    /// <summary>A commit on a ref of the guard's own, if the ref is still where it was.</summary>
    private async Task<bool> CommitAsync(string reference, string message, string? parent, CancellationToken cancellation)
    {
        await git.NeedAsync(["hash-object", "-t", "tree", "-w", "--stdin"], cancellation, input: []);
        var commit = await git.NeedAsync(
            ["-c", "user.name=guard", "-c", "user.email=guard@localhost", "commit-tree", EmptyTree, .. parent is null ? (string[])[] : ["-p", parent]],
            cancellation, input: Encoding.UTF8.GetBytes(message));
        return (await git.RunAsync(["update-ref", reference, commit.Text.Trim(), parent ?? new string('0', 40)], cancellation)).Ok
            && (await git.RunAsync(["merge-base", "--is-ancestor", commit.Text.Trim(), reference], cancellation)).Ok;
    }
}
