using System.Text.Json;
using GateKeeper.Core.Changes;
using GateKeeper.Git;

namespace GateKeeper.Forges.PlainGit;

/// <summary>Looks at the guard of a repository on this machine: its hooks, what it was told, and the settings of git that hooks rest on.</summary>
internal sealed class GuardDoctor(string repository, string user, IReadOnlyList<string> trunks, string program)
{
    private readonly string again = $"gatekeeper guard {repository}{string.Concat(trunks.Select(trunk => $" --trunk '{trunk}'"))} --accounts FILE";

    public async Task<IReadOnlyList<Finding>> LookAsync(CancellationToken cancellation) =>
        [.. ((string[])["pre-receive", "post-receive"]).Select(Hook), await HooksPathAsync(cancellation), .. Told(), Accounts(), FileRights.Judge(repository, await FileRights.ReadAsync(repository, cancellation))];

    private Finding Hook(string name)
    {
        var (what, path) = ($"hook {name}", Path.Combine(repository, "hooks", name));
        try
        {
            if (!File.Exists(path))
                return Finding.Wrong(what, $"there is no {path}, so pushes are not judged", again);
            var text = File.ReadAllText(path);
            if (!File.GetUnixFileMode(path).HasFlag(UnixFileMode.UserExecute))
                return Finding.Wrong(what, $"{path} is not executable, so git passes it by", $"chmod 755 {path}");
            var called = Guard.CalledBy(text, name);
            return called is null && Guard.Calls(text, name) ? Finding.Unknown(what, $"{path} is a script of your own", $"see to it that it calls {program} guard-hook {name}, and ends with what that ends with")
                : called is null ? Finding.Wrong(what, $"{path} does not call the guard", again)
                : !File.Exists(called) ? Finding.Wrong(what, $"{path} calls {called}, which is not there, so every push is refused", again)
                : Same(called, program) ? Finding.Right(what, $"it calls {called}")
                : Finding.Wrong(what, $"{path} calls {called}, and this program is {program}", $"{again} by the program that is to judge pushes");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Finding.Unknown(what, error.Message, "look as an account that may read it");
        }
    }

    private async Task<Finding> HooksPathAsync(CancellationToken cancellation)
    {
        var git = new GitProgram(repository, home: null);
        var answer = await git.RunAsync(["-c", "safe.directory=*", "config", "--get", "core.hooksPath"], cancellation);
        return answer.Text.Trim() == "hooks" ? Finding.Right("core.hooksPath", "git takes the hooks from the repository")
            : Finding.Wrong("core.hooksPath", $"it is {(answer.Ok ? answer.Text.Trim() : "not set")}, so the machine's configuration may lead git to other hooks", $"git -C {repository} config core.hooksPath hooks");
    }

    private IEnumerable<Finding> Told()
    {
        GuardSettings? told;
        try
        {
            told = GuardSettings.ReadOrNull(repository);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            return [Finding.Unknown("guard.json", error.Message, $"look as an account that may read it, or install it again: {again}")];
        }

        if (told is null)
            return [Finding.Wrong("guard.json", "no guard was installed here, so anybody who can push moves the trunk", again)];

        // A pattern is guarded by itself: whether another one fits all that it fits is not told by its letters.
        var open = trunks.Where(trunk => !told.Trunks.Any(guarded => guarded == trunk || (!trunk.Contains('*', StringComparison.Ordinal) && Glob.TryParse(guarded, out _, PatternOf.Branch)?.Matches(trunk) == true))).ToList();
        return
        [
            told.Gate == user ? Finding.Right("the gate's account", $"only {told.Gate} moves a trunk") : Finding.Wrong("the gate's account", $"the guard lets {told.Gate} move trunks, and the settings name {user}", $"gatekeeper guard {repository} --gate {user}, or correct \"user\" in the settings"),
            open.Count == 0 ? Finding.Right("guarded trunks", string.Join(", ", told.Trunks)) : Finding.Wrong("guarded trunks", $"anybody may push to {string.Join(", ", open)}: the guard knows {string.Join(", ", told.Trunks)}", again),
        ];
    }

    private Finding Accounts()
    {
        var path = Path.Combine(repository, GuardSettings.Folder, "accounts.json");
        try
        {
            PlainGit.Accounts.Parse(File.ReadAllText(path));
            return Finding.Right("accounts", $"{path} tells whose an address is");
        }
        catch (Exception error) when (error is IOException or FormatException)
        {
            return Finding.Wrong("accounts", error.Message, again);
        }
        catch (UnauthorizedAccessException error)
        {
            return Finding.Unknown("accounts", error.Message, "look as an account that may read it");
        }
    }

    private static bool Same(string one, string other) => Real(one) == Real(other);

    private static string Real(string path) => (File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path)).TrimEnd('/');
}
