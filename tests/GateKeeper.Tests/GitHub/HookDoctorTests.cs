using System.Text.Json;
using GateKeeper.Forges;
using GateKeeper.Forges.GitHub;

namespace GateKeeper.Tests.GitHub;

/// <summary>What is said of the App's permissions, its webhook, its events and its budget.</summary>
public sealed class HookDoctorTests
{
    private const string Address = "https://gate.example.org/hooks/github";
    private static readonly Waking Waking = new(true, Address, TimeSpan.FromSeconds(10));
    private static readonly HookDto Hook = new(Address, "json");
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Test]
    public void Each_permission_is_right_as_granted_and_wrong_with_what_it_is_for()
    {
        var all = PermissionDoctor.Judge(AppLogin.Needed, AppLogin.Needed, organization: true, lent: false).ToList();
        var none = PermissionDoctor.Judge(new Dictionary<string, string>(), null, organization: true, lent: false).ToList();

        Assert.That(all.Select(finding => finding.State), Is.All.EqualTo(FindingState.Right));
        Assert.That(all.Of("permission contents"), Is.EqualTo("Right: write"));
        Assert.That(none.Select(finding => finding.State), Is.All.EqualTo(FindingState.Wrong));
        Assert.That(none.Select(finding => finding.What), Is.EquivalentTo(AppLogin.Needed.Keys.Select(right => $"permission {right}")));
        Assert.That(none.Of("permission workflows"), Is.EqualTo("Wrong: not granted; write is needed to land changes under .github/workflows/, which GitHub refuses without it"));
        Assert.That(none.Cure("permission workflows"), Does.StartWith("give the App Workflows: Read and write"));
    }

    [Test]
    public void What_was_asked_for_and_not_accepted_too_little_and_too_much_are_told_apart()
    {
        var granted = new Dictionary<string, string>(AppLogin.Needed) { ["contents"] = "read", ["statuses"] = "read", ["administration"] = "write", ["metadata"] = "write" };
        var asked = new Dictionary<string, string>(AppLogin.Needed) { ["statuses"] = "read" };

        var findings = PermissionDoctor.Judge(granted, asked, organization: true, lent: false).ToList();

        Assert.That(findings.Of("permission contents"), Does.StartWith("Wrong: the App asks for write, and nobody has accepted that yet"));
        Assert.That(findings.Of("permission statuses"), Does.StartWith("Wrong: only read; write is needed"));
        Assert.That(findings.Of("permission administration"), Does.StartWith("Wrong: write: whoever has the App's key could lift the rules"));
        Assert.That(findings.Of("permission metadata"), Is.EqualTo("Right: write"));
    }

    [Test]
    public void A_person_has_no_teams_and_an_administrators_login_sees_what_the_app_need_not()
    {
        var granted = AppLogin.Needed.Where(right => right.Key is not ("members" or "administration")).ToDictionary();

        Assert.That(PermissionDoctor.Judge(granted, null, organization: false, lent: true).Select(finding => finding.State), Is.All.EqualTo(FindingState.Right));
        Assert.That(PermissionDoctor.Judge(granted, null, organization: true, lent: false).Where(finding => finding.State == FindingState.Wrong).Select(finding => finding.What), Is.EquivalentTo(new[] { "permission members", "permission administration" }));
    }

    [Test]
    public void A_webhook_whose_last_event_got_here_is_right()
    {
        Assert.That(Of(Hook, Sent(202), Sent(202)), Is.EqualTo($"Right: the last 2 events got to {Address}"));
        Assert.That(Of(Hook, Sent(202), Sent(0)), Is.EqualTo($"Right: the last event got to {Address}; of the 2 before and with it 1 did not, which does no harm"));
        Assert.That(HookDoctor.Webhook(Waking with { Takes = false }, new(null), new(null)).Why, Is.EqualTo("none is taken; the gate looks by itself every 10 seconds"));
    }

    [TestCase(401, "the secret")]
    [TestCase(404, "\"webhook\"")]
    [TestCase(421, "page.address")]
    [TestCase(0, "let GitHub reach")]
    [TestCase(502, "the proxy")]
    public void A_webhook_that_does_not_get_here_is_wrong_and_its_status_says_what_mends_it(int status, string cure)
    {
        var finding = HookDoctor.Webhook(Waking, new(Hook), new([Sent(status), Sent(202)]));

        Assert.That(finding.State, Is.EqualTo(FindingState.Wrong));
        Assert.That(finding.Why, Does.StartWith($"the last event did not get to {Address} ("));
        Assert.That(finding.Cure, Does.Contain(cure));
    }

    [Test]
    public void A_webhook_that_goes_elsewhere_or_nowhere_or_is_not_looked_after_is_wrong()
    {
        Assert.That(Of(Hook with { Url = "https://old.example.org/hook" }), Is.EqualTo($"Wrong: events go to https://old.example.org/hook, and this worker takes them at {Address}"));
        Assert.That(Of(Hook with { Url = "" }), Is.EqualTo("Wrong: the App has no webhook, and the settings wait for one"));
        Assert.That(Of(Hook with { ContentType = "form" }), Is.EqualTo("Wrong: events are sent as form"));
        Assert.That(Of(Hook with { InsecureSsl = JsonDocument.Parse("\"1\"").RootElement }), Does.StartWith("Wrong: GitHub does not look whose certificate"));
        Assert.That(Of(Hook with { InsecureSsl = JsonDocument.Parse("0").RootElement }, Sent(202)), Does.StartWith("Right: "));
    }

    [Test]
    public void A_webhook_of_which_nothing_is_seen_is_unknown()
    {
        Assert.That(Of(Hook), Is.EqualTo($"Unknown: events go to {Address}, and none was sent yet"));
        Assert.That(HookDoctor.Webhook(Waking, Told<HookDto>.Unseen("403"), new(null)).State, Is.EqualTo(FindingState.Unknown));
        Assert.That(HookDoctor.Webhook(Waking, new(Hook), Told<IReadOnlyList<DeliveryDto>>.Unseen("403")).State, Is.EqualTo(FindingState.Unknown));
        Assert.That(HookDoctor.Webhook(Waking with { Address = null }, new(Hook), new([Sent(202)])).State, Is.EqualTo(FindingState.Unknown));
    }

    [Test]
    public void Events_that_the_app_is_not_told_of_are_named()
    {
        Assert.That(HookDoctor.Subscribed(Waking, HookDoctor.Events)!.State, Is.EqualTo(FindingState.Right));
        Assert.That(HookDoctor.Subscribed(Waking, [.. HookDoctor.Events.Where(name => name != "push")])!.Why, Is.EqualTo("the App is not told of push, so these do not wake the gate"));
        Assert.That(HookDoctor.Subscribed(Waking, null)!.State, Is.EqualTo(FindingState.Unknown));
        Assert.That(HookDoctor.Subscribed(Waking with { Takes = false }, []), Is.Null);
    }

    [Test]
    public void A_budget_that_is_nearly_spent_or_too_small_for_the_poll_is_wrong()
    {
        Assert.That(Budget(4000, 4500), Is.EqualTo("Right: 4000 of 5000 requests and 4500 of 5000 points are left until 12:00 UTC"));
        Assert.That(Budget(900, 4500), Does.StartWith("Wrong: 900 of 5000 requests").And.EndWith("under a fifth only what a landing needs is asked"));
        Assert.That(Budget(4000, 10), Does.StartWith("Wrong: "));
        Assert.That(HookDoctor.Budget(Waking with { Poll = TimeSpan.FromSeconds(1) }, Limits(5000, 5000)).Why, Does.EndWith("a look every 1 seconds may take 7200 points an hour"));
        Assert.That(HookDoctor.Budget(Waking, new(null)).Why, Is.EqualTo("the server counts nothing"));
        Assert.That(HookDoctor.Budget(Waking, Told<LimitsDto>.Unseen("403")).State, Is.EqualTo(FindingState.Unknown));

        static string Budget(int core, int graph) => HookDoctor.Budget(Waking, Limits(core, graph)) is var finding ? $"{finding.State}: {finding.Why}" : "";
    }

    private static Told<LimitsDto> Limits(int core, int graph) => new(new(new(new(5000, core, Noon.ToUnixTimeSeconds()), new(5000, graph, Noon.ToUnixTimeSeconds()))));

    private static DeliveryDto Sent(int status, int ago = 0) => new(Noon.AddSeconds(-ago), status is >= 200 and < 300 ? "OK" : "failed", status, "push");

    private static string Of(HookDto hook, params DeliveryDto[] sent)
    {
        var finding = HookDoctor.Webhook(Waking, new(hook), new([.. sent.Select((each, at) => each with { DeliveredAt = Noon.AddSeconds(-at) })]));
        return $"{finding.State}: {finding.Why}";
    }
}
