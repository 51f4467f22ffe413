using System.Text;

namespace GateKeeper.Git;

/// <summary>
/// The key to the trunk. It is read when it is needed, handed to one git process through that process's environment, and taken out of
/// every text that leaves the program, also in its encoded forms.
/// </summary>
/// <param name="user">The account.</param>
/// <param name="secret">Its password or token.</param>
/// <param name="address">
/// Where it is sent without being asked for, so that no question is lost on the way; null where git is to answer when it is asked.
/// </param>
internal sealed class Credential(string user, string secret, string? address = null)
{
    private const int MostOld = 3;
    private readonly List<string[]> old = [];
    private string[] forms = Forms(user, secret);

    /// <summary>Takes a fresh secret; the last ones are still taken out of texts, for what was begun with them may end later.</summary>
    public void Renew(string fresh)
    {
        lock (old)
        {
            old.Insert(0, forms);
            if (old.Count > MostOld)
                old.RemoveAt(MostOld);
            forms = Forms(user, fresh);
        }
    }

    private static string[] Forms(string user, string secret) =>
    [
        secret,
        Uri.EscapeDataString(secret),
        Convert.ToBase64String(Encoding.UTF8.GetBytes(secret)),
        Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{secret}")),
        Convert.ToHexStringLower(Encoding.UTF8.GetBytes(secret)),
    ];

    /// <summary>For a header of HTTP.</summary>
    public string Authorization => $"Basic {forms[3]}";

    public IEnumerable<KeyValuePair<string, string>> GitEnvironment => address is null ? Answered : Sent(address);

    private IEnumerable<KeyValuePair<string, string>> Sent(string to) =>
    [
        new("GIT_CONFIG_COUNT", "3"),
        new("GIT_CONFIG_KEY_0", "credential.helper"),
        new("GIT_CONFIG_VALUE_0", ""),
        new("GIT_CONFIG_KEY_1", $"http.{to}.extraHeader"),
        new("GIT_CONFIG_VALUE_1", $"Authorization: {Authorization}"),
        new("GIT_CONFIG_KEY_2", "http.followRedirects"),
        new("GIT_CONFIG_VALUE_2", "false"),
    ];

    private IEnumerable<KeyValuePair<string, string>> Answered =>
    [
        new("GATEKEEPER_USER", user),
        new("GATEKEEPER_SECRET", forms[0]),
        new("GIT_CONFIG_COUNT", "2"),
        new("GIT_CONFIG_KEY_0", "credential.helper"),
        new("GIT_CONFIG_VALUE_0", ""),
        new("GIT_CONFIG_KEY_1", "credential.helper"),
        new("GIT_CONFIG_VALUE_1", "!f() { test \"$1\" = get && printf 'username=%s\\npassword=%s\\n' \"$GATEKEEPER_USER\" \"$GATEKEEPER_SECRET\"; }; f"),
    ];

    public string Redact(string text)
    {
        string[] all;
        lock (old)
            all = [.. forms, .. old.SelectMany(one => one)];
        foreach (var form in all.Where(form => form.Length >= 4))
            text = text.Replace(form, "[redacted]", StringComparison.Ordinal);
        return text;
    }

    public override string ToString() => "[redacted]";
}
