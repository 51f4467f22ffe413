using GateKeeper.Settings;

namespace GateKeeper.Tests;

/// <summary>Settings as operators write them: nothing is misread in silence.</summary>
public sealed class SettingsTests
{
    private const string Tool = """ "name": "tool", "forge": "git", "url": "/srv/tool.git" """;

    [TestCase("""{ "repositories": [{ TOOL, "trunks": "release/*" }] }""", "repositories[0].trunks: expected a list of texts, such as [\"main\"], not \"release/*\"")]
    [TestCase("""{ "repositories": [{ TOOL, "trunks": [] }] }""", "repositories[0].trunks: name at least one, or leave it out for main")]
    [TestCase("""{ "repositories": { TOOL } }""", "repositories: expected a list of objects, not an object")]
    [TestCase("""{ "repositories": [{ TOOL, "proposals": { "slot": 2 } }] }""", "repositories[0].proposals: \"slot\" is not known; known are since, slots")]
    [TestCase("""{ "repositories": [{ TOOL, "landing": { "through": "button" } }] }""", "repositories[0].landing.through: expected push, not \"button\"")]
    [TestCase("""{ "repositories": [{ TOOL, "publish": "refs/heads/gatekeeper/" }] }""", "repositories[0].publish: plain git has no such thing; leave it out")]
    [TestCase("""{ "repositories": [{ "name": "../x y", "forge": "git", "url": "/srv/tool.git" }] }""", "repositories[0].name: \"../x y\" may hold letters")]
    [TestCase("""{ "repositories": [{ "name": ["tool"], "forge": "git", "url": "/srv/tool.git" }] }""", "repositories[0].name: expected one value, not a list or an object")]
    [TestCase("""{ ONE, "runs": { "network": "yes" } }""", "runs.network: expected true or false, not \"yes\"")]
    [TestCase("""{ ONE, "runs": { "mounts": "/usr/share/dotnet:ro" } }""", "runs.mounts: expected a list of texts")]
    [TestCase("""{ ONE, "runs": { "mounts": ["/proc/self:ro"] } }""", "runs.mounts: /proc/self:ro would lie over what a run has of its own, /proc")]
    [TestCase("""{ ONE, "runs": { "mounts": ["/usr/..:ro"] } }""", "runs.mounts: /usr/..:ro would lie over what a run has of its own, /work")]
    [TestCase("""{ ONE, "runs": { "memory": "99999999999GiB" } }""", "runs.memory: at most 1048576GiB, not \"99999999999GiB\"")]
    [TestCase("""{ ONE, "runs": { "users": "0-10" } }""", "runs.users: expected user ids such as 964321-964384")]
    [TestCase("""{ ONE, "runs": { "users": "1000-900" } }""", "runs.users: expected user ids such as 964321-964384")]
    [TestCase("""{ ONE, "runs": { "users": "60000-70000" } }""", "runs.users: expected user ids such as 964321-964384")]
    [TestCase("""{ ONE, "runs": 5 }""", "runs: expected an object with slots, memory")]
    [TestCase("""{ ONE, "retention": 5 }""", "retention: expected an object with logs, log-bytes, results, not \"5\"")]
    [TestCase("""{ ONE, "retention": { "logs": "99999999d" } }""", "retention.logs: expected a duration")]
    [TestCase("""{ ONE, "retention": { "logs": "99999d" } }""", "retention.logs: at most 36500d")]
    [TestCase("""{ ONE, "page": { "listen": "nonsense" } }""", "page.listen: expected http://")]
    [TestCase("""{ ONE, "page": { "listen": "http://*:8380" } }""", "page.listen: expected http://")]
    [TestCase("""{ ONE, "page": { "listen": "http://gate.example.org:8380" } }""", "page.listen: expected http://")]
    [TestCase("""{ ONE, "page": { "address": "gate.example.org" } }""", "page.address: expected where people reach the page, such as https://gate.example.org/")]
    [TestCase("""{ ONE, "page": { "token": "sesame" } }""", "page.token: expected file:PATH, env:NAME or systemd:NAME")]
    [TestCase("""{ ONE, "page": { "token": "file:" } }""", "page.token: expected file:PATH, env:NAME or systemd:NAME")]
    [TestCase("""{ ONE, "alarms": { "command": "" } }""", "alarms.command: is empty; leave it out where there is none")]
    [TestCase("""{ ONE, "alarms": { "command": "/nowhere/call me" } }""", "alarms.command: there is no program /nowhere/call me")]
    [TestCase("""{ ONE, """, "line 1: ")]
    public void What_is_wrong_is_named_with_its_place_and_its_cure(string json, string words)
    {
        var (settings, errors) = Read(json);

        Assert.That(settings, Is.Null);
        Assert.That(errors, Has.Exactly(1).Items.And.Some.Contains(words));
    }

    [Test]
    public void Paths_are_made_whole_and_the_command_line_has_the_last_word()
    {
        var (settings, errors) = Read("""{ "repositories": [{ "name": "tool", "forge": "git", "url": "tool.git", "credential": null, "landing": { "through": "push" } }], "work": "work", "runs": { "slots": 3, "network": true } }""", "runs.slots=4", "page.listen=http://[::1]:80");

        Assert.That(errors, Is.Empty);
        Assert.That(settings!.Work, Is.EqualTo(Path.GetFullPath("work")));
        Assert.That(settings.Store, Is.EqualTo(Path.GetFullPath("work/gatekeeper.db")));
        Assert.That(settings.Repositories[0].Url, Is.EqualTo(Path.GetFullPath("tool.git")));
        Assert.That((settings.Runs.Slots, settings.Runs.Network, settings.Page.Listen), Is.EqualTo((4, true, "http://[::1]:80")));
    }

    [TestCase("gatekeeper/", "expected the beginning of full branch names, such as refs/heads/gatekeeper/, not \"gatekeeper/\"")]
    [TestCase("refs/heads/", "expected the beginning of full branch names")]
    [TestCase("refs/heads/gatekeeper", "expected the beginning of full branch names")]
    [TestCase("refs/tags/gatekeeper/", "expected the beginning of full branch names")]
    [TestCase("refs/heads/gate keeper/", "expected the beginning of full branch names")]
    [TestCase("refs/heads/release/", "the trunk release/1 lies under \"refs/heads/release/\"; name a place of its own for candidates")]
    public void Candidates_have_a_place_of_their_own(string prefix, string words) =>
        Assert.That(Read($$"""{ "repositories": [{ "name": "tool", "forge": "github", "trunks": ["main", "release/1"], "publish": "{{prefix}}" }] }""").Errors, Has.Exactly(1).StartsWith("repositories[0].publish:").And.Exactly(1).Contains(words));

    [Test]
    public void Half_a_setting_on_the_command_line_is_none() =>
        Assert.That(Read("{}", "runs.slots").Errors, Is.EqualTo(new[] { "--set runs.slots: expected KEY=VALUE, such as page.listen=http://127.0.0.1:8380" }));

    private static (GateSettings? Settings, IReadOnlyList<string> Errors) Read(string json, params string[] set)
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, json.Replace("ONE", """ "repositories": [{ TOOL }] """, StringComparison.Ordinal).Replace("TOOL", Tool, StringComparison.Ordinal));
        var read = SettingsReader.ReadFile(file, set);
        File.Delete(file);
        return read;
    }
}
