using System.Text.RegularExpressions;

namespace GateKeeper.Settings;

/// <summary>What one forge takes and needs of the settings of a repository, and another has not.</summary>
internal static partial class ForgeFields
{
    private static readonly Dictionary<string, (string Name, string[] Own)> Forges = new()
    {
        ["git"] = ("plain git", ["identity", "guard", "signers"]),
        ["gerrit"] = ("Gerrit", ["project", "labels", "events", "signers"]),
        ["github"] = ("GitHub", ["project", "app", "publish", "webhook"]),
    };

    /// <summary>Names what is missing for a forge, and what only another has.</summary>
    public static string Check(SettingsFields fields)
    {
        var forge = fields.Need("forge");
        if (!Forges.TryGetValue(forge, out var known))
        {
            if (forge.Length > 0)
                fields.Wrong("forge", $"this program speaks to \"git\" (plain git with reviews in notes), to \"gerrit\" and to \"github\", not to \"{forge}\"");
            return forge;
        }

        foreach (var foreign in Forges.Values.SelectMany(other => other.Own).Distinct().Except(known.Own).Where(fields.Has))
            fields.Wrong(foreign, $"{known.Name} has no such thing; leave it out");
        if (forge == "gerrit")
            CheckGerrit(fields);
        if (forge == "github")
            CheckGitHub(fields);
        return forge;
    }

    /// <summary>Where webhooks' secrets lie: the one in use, and the next.</summary>
    public static IReadOnlyList<string> WebhookSecrets(SettingsFields fields)
    {
        var webhook = fields.Within("webhook", "secret", "next-secret");
        return [.. new[] { webhook.Secret("secret"), webhook.Secret("next-secret") }.OfType<string>()];
    }

    private static void CheckGerrit(SettingsFields fields)
    {
        fields.Need("project");
        if (fields.Text("url") is { } url && !IsWeb(url))
            fields.Wrong("url", "expected the address of the Gerrit server, such as https://review.example.org/");
        if (fields.Text("credential") is null)
            fields.Wrong("credential", "is missing: where the HTTP password or token of the gate's account lies, such as file:/etc/gatekeeper/gerrit.secret");
    }

    private static void CheckGitHub(SettingsFields fields)
    {
        if (fields.Need("project") is { Length: > 0 } project && !Projects().IsMatch(project))
            fields.Wrong("project", $"expected OWNER/REPOSITORY, such as acme/widgets, not \"{project}\"");
        if (fields.Text("url") is { } url && !IsWeb(url))
            fields.Wrong("url", "expected the address of GitHub or of an Enterprise Server, such as https://github.com/");
        if (fields.Text("credential") is null)
            fields.Wrong("credential", "is missing: where the App's private key lies (with \"app\"), or a fine-grained token (without), such as file:/etc/gatekeeper/github-app.pem");
        if (fields.Text("app") is { } app && !Apps().IsMatch(app))
            fields.Wrong("app", $"expected the App's id or client id, as its page shows it, not \"{app}\"");
        if (fields.Text("publish") is { } publish && !IsPlace(publish))
            fields.Wrong("publish", $"expected the beginning of full branch names, such as refs/heads/gatekeeper/, not \"{publish}\"");
    }

    /// <summary>Whether this is a folder of branches.</summary>
    public static bool IsPlace(string prefix) => Prefixes().IsMatch(prefix) && LibGit2Sharp.Reference.IsValidName($"{prefix}x");

    private static bool IsWeb(string url) => Uri.TryCreate(url, UriKind.Absolute, out var server) && server.Scheme is "http" or "https";

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+\z")]
    private static partial Regex Projects();

    [GeneratedRegex(@"\A[A-Za-z0-9.]+\z")]
    private static partial Regex Apps();

    [GeneratedRegex(@"\Arefs/heads/(?:[A-Za-z0-9_][A-Za-z0-9._-]*/)+\z")]
    private static partial Regex Prefixes();
}
