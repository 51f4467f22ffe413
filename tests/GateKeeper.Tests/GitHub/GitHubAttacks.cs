namespace GateKeeper.Tests.GitHub;

/// <summary>Ways in which somebody might get past the gate that only GitHub offers; those that every forge has are in <see cref="Stories.CommonAttacks"/>.</summary>
public sealed class GitHubAttacks
{
    private static readonly string[] OnlyTheBeginning = ["The beginning"];

    [Test]
    public async Task A_pull_request_that_was_pointed_elsewhere_and_back_has_lost_its_approval()
    {
        await using var world = await GitHubWorld.StartAsync();
        var pull = await world.Place.ProposeAsync("ana", "feature.txt");
        await world.Place.ApproveAsync("bob", pull);
        await world.Place.RetargetAsync("ana", pull, "stable");
        await world.Place.RetargetAsync("ana", pull, "main");
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(pull), Does.Contain("bob approved before the target was main"));

        await world.Place.ApproveAsync("bob", pull);
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Has.Member("Add feature.txt"));
    }

    [Test]
    public async Task A_pull_request_that_the_server_pointed_at_the_trunk_when_its_base_went_has_lost_its_approval()
    {
        await using var world = await GitHubWorld.StartAsync();
        await world.Place.PushAsync("ana", "below", "below.txt");
        await world.Place.PushAsync("ana", "above", "above.txt", world.Place.Tip("below"));
        var pull = await world.Place.OpenAsync("ana", "above", "Add above.txt", "below");
        await world.Place.ApproveAsync("bob", pull);
        await world.Place.RetargetAsync("ana", pull, "main", automatic: true);

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(pull), Does.Contain("bob approved before the target was main"));
    }

    [Test]
    public async Task A_reader_of_the_group_approves_and_vetoes_like_anybody_in_it()
    {
        await using var world = await GitHubWorld.StartAsync();
        await world.Place.AddMemberAsync("core", "dave");
        var (one, two) = (await world.Place.ProposeAsync("ana", "one.txt"), await world.Place.ProposeAsync("ana", "two.txt"));
        await world.Place.ApproveAsync("dave", one);
        await world.Place.ApproveAsync("bob", two);
        await world.Place.VetoAsync("dave", two);

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Add one.txt" }));
        Assert.That(world.Why(two), Does.Contain("vetoed by dave"));
    }

    [Test]
    public async Task A_veto_that_was_dismissed_by_nobody_known_stands()
    {
        await using var world = await GitHubWorld.StartAsync();
        var pull = await world.Place.ProposeAsync("ana", "feature.txt");
        await world.Place.ApproveAsync("bob", pull);
        await world.Place.VetoAsync("carol", pull);
        await world.Place.DismissAsync("erin", pull, "carol");
        await world.Place.DeleteAccountAsync("erin");

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(pull), Does.Contain("vetoed by carol"));
    }

    [Test]
    public async Task A_label_that_somebody_set_whom_the_rules_trust_is_the_authors_once_he_set_it_again()
    {
        await using var world = await GitHubWorld.StartAsync(gates: "  - { name: urgent, when: { labels: [hotfix], set-by: core }, instead-of: reviewer, require: { tests: all } }");
        var pull = await world.Place.ProposeAsync("ana", "feature.txt");
        await world.Place.LabelAsync("bob", pull, "hotfix");
        await world.Place.UnlabelAsync("ana", pull, "hotfix");
        await world.Place.LabelAsync("ana", pull, "hotfix");

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(pull), Does.Contain("0 of 1 approvals"));
    }

    [TestCase("POST", "GateKeeperPulls", TestName = "A push in the second before the pull request is read afresh does not land")]
    [TestCase("POST", "/git-upload-pack", TestName = "A push in the second before git is asked for its heads does not land")]
    [TestCase("GET", "service=git-receive-pack", TestName = "A push in the second before the landing is no part of it")]
    [TestCase("POST", "/git-receive-pack", TestName = "A push in the very second of the landing is no part of it")]
    public async Task A_push_after_approval(string method, string part)
    {
        await using var world = await GitHubWorld.StartAsync();
        var pull = await world.Place.ProposeAsync("ana", "feature.txt");
        await world.Place.ApproveAsync("bob", pull);
        var pushed = false;
        using var moment = Promises.AtTheLanding(() => world.Place.Orders.Before(method, part, async () =>
        {
            pushed = true;
            await world.Place.PushAsync("ana", "add-feature.txt", "sneaked.txt");
        }));
        await world.OpenAsync(moment);

        await world.SettleAsync();

        Assert.That(pushed, Is.True);
        Assert.That(world.Place.File("sneaked.txt"), Is.Null);
        Assert.That(await world.TrunkLogAsync(), part.Contains("receive-pack", StringComparison.Ordinal) ? Is.EqualTo(new[] { "The beginning", "Add feature.txt" }) : Is.EqualTo(OnlyTheBeginning));
        Assert.That(await world.Place.StateAsync(pull), Is.EqualTo("OPEN"));
    }

    [Test]
    public async Task An_approval_counts_for_the_very_commit_that_it_was_given_for_also_after_it_was_pushed_away_and_back()
    {
        await using var world = await GitHubWorld.StartAsync();
        var pull = await world.Place.ProposeAsync("ana", "feature.txt");
        var approved = world.Place.Head(pull);
        await world.Place.ApproveAsync("bob", pull);
        await world.Place.PushAsync("ana", "add-feature.txt", "Other", new Dictionary<string, string?> { ["other.txt"] = "x\n" }, amend: true);
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(pull), Does.Contain("bob approved").And.Contain("now it is"));

        await world.Place.MoveBranchAsync("ana", "add-feature.txt", approved);
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Has.Member("Add feature.txt"));
        Assert.That(world.Place.File("other.txt"), Is.Null);
    }

    [Test]
    public async Task Who_pushed_the_last_commit_is_no_second_pair_of_eyes_whoever_wrote_it()
    {
        await using var world = await GitHubWorld.StartAsync();
        var pull = await world.Place.ProposeAsync("ana", "feature.txt");
        await world.Place.MoveBranchAsync("bob", "add-feature.txt", await world.Place.CommitAsync("ana", "More", new Dictionary<string, string?> { ["more.txt"] = "x\n" }, world.Place.Head(pull)));
        await world.Place.ApproveAsync("bob", pull);
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(pull), Does.Contain("bob pushed this revision"));

        await world.Place.ApproveAsync("carol", pull);
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Has.Member("Add feature.txt"));
    }

    [Test]
    public async Task A_fork_whose_pushes_are_gone_waits_until_its_author_makes_the_revision_his_own()
    {
        await using var world = await GitHubWorld.StartAsync();
        var pull = await world.Place.ProposeAsync("dave", "feature.txt");
        await world.Place.DeleteForkAsync("dave");
        await world.Place.ApproveAsync("bob", pull);
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(pull), Does.Contain("the forge does not tell who pushed").And.Contain("the approval counts once dave asks to land"));

        await world.Place.CommentAsync("mallory", pull, "/gatekeeper land");
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));

        await world.Place.CommentAsync("dave", pull, "/gatekeeper land");
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Has.Member("Add feature.txt"));
    }

    [Test]
    public async Task A_fork_whose_pushes_are_known_lands_like_any_other()
    {
        await using var world = await GitHubWorld.StartAsync();
        var pull = await world.Place.ProposeAsync("dave", "feature.txt");
        await world.Place.ApproveAsync("bob", pull);

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Has.Member("Add feature.txt"));
        Assert.That(await world.Place.StateAsync(pull), Is.EqualTo("MERGED"));
    }

    [Test]
    public async Task Only_a_plain_comment_that_nobody_changed_asks_for_anything()
    {
        await using var world = await GitHubWorld.StartAsync(gates: "  - { name: somebody says go, require: { go-ahead: [core] } }");
        await world.Place.PushAsync("carol", "described", "feature.txt");
        var pull = await world.Place.OpenAsync("carol", "described", "/gatekeeper land", body: "/gatekeeper land");
        await world.Place.ApproveAsync("bob", pull);
        await world.Place.ReviewAsync("bob", pull, "COMMENT", "/gatekeeper land");
        await world.Place.CommentAsync("bob", pull, "> /gatekeeper land\n\nnot yet");
        await world.Place.CommentAsync("bob", pull, "please do not\n/gatekeeper land");
        await world.Place.CommentAsync("bob", pull, "```\n/gatekeeper land\n```");
        await world.Place.EditCommentAsync("erin", await world.Place.CommentAsync("bob", pull, "fine work"), "/gatekeeper land");
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));

        await world.Place.CommentAsync("bob", pull, "/gatekeeper land");
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task What_was_asked_before_a_push_was_asked_for_what_was_there()
    {
        await using var world = await GitHubWorld.StartAsync(gates: "  - { name: somebody says go, require: { go-ahead: [core] } }");
        var pull = await world.Place.ProposeAsync("ana", "feature.txt");
        await world.Place.CommentAsync("carol", pull, "/gatekeeper land");
        await world.Place.PushAsync("ana", "add-feature.txt", "sneaked.txt");
        await world.Place.ApproveAsync("bob", pull);

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
    }

    [Test]
    public async Task A_co_author_is_no_second_pair_of_eyes()
    {
        await using var world = await GitHubWorld.StartAsync();
        await world.Place.PushAsync("ana", "together", $"Add feature.txt\n\nCo-authored-by: Bob <{world.Place.Server.Account("bob").Email}>", new Dictionary<string, string?> { ["feature.txt"] = "x\n" });
        var pull = await world.Place.OpenAsync("ana", "together", "Add feature.txt");
        await world.Place.ApproveAsync("bob", pull);

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(pull), Does.Contain("bob is a co-author"));
    }

    [Test]
    public async Task Who_takes_the_name_that_a_reviewer_gave_up_is_not_in_his_team()
    {
        await using var world = await GitHubWorld.StartAsync();
        var pull = await world.Place.ProposeAsync("ana", "feature.txt");
        await world.SettleAsync();
        world.Place.Server.Account("bob").Login = "robert";
        world.Place.Server.Account("mallory").Login = "bob";
        await world.Place.ApproveAsync("bob", pull);
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(pull), Does.Contain("0 of 1 approvals"));

        await world.Place.ApproveAsync("robert", pull);
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Has.Member("Add feature.txt"));
    }

    [Test]
    public async Task A_head_that_lags_behind_git_never_lands()
    {
        await using var world = await GitHubWorld.StartAsync();
        var pull = await world.Place.ProposeAsync("ana", "feature.txt");
        await world.SettleAsync();
        world.Place.Server.HeadsLag = true;
        await world.Place.PushAsync("ana", "add-feature.txt", "sneaked.txt");
        await world.Place.ApproveAsync("bob", pull);
        await world.SettleAsync();
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(pull), Does.Contain("GitHub's record of its head is not what git has there"));

        await world.Place.CatchUpAsync();
        await world.SettleAsync();
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(pull), Does.Contain("bob approved").And.Contain("now it is"));
    }

    [Test]
    public async Task A_bot_that_the_group_does_not_name_approves_nothing()
    {
        await using var world = await GitHubWorld.StartAsync(gates: "  - { name: anybody, require: { approvals: 2, from: anyone } }");
        var pull = await world.Place.ProposeAsync("ana", "feature.txt");
        await world.Place.ApproveAsync("bob", pull);
        await world.Place.ApproveAsync("other-ci[bot]", pull);

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(world.Why(pull), Does.Contain("other-ci[bot] is a bot that the group does not name"));
    }

    [Test]
    public async Task What_a_pull_request_brings_of_another_that_was_closed_was_shown_to_its_reviewers()
    {
        await using var world = await GitHubWorld.StartAsync();
        var parent = await world.Place.ProposeAsync("ana", "parent.txt");
        await world.Place.PushAsync("ana", "child", "child.txt", world.Place.Head(parent));
        var child = await world.Place.OpenAsync("ana", "child", "Add child.txt");
        await world.Place.CloseAsync("ana", parent);
        await world.Place.ApproveAsync("bob", child);

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Add child.txt" }));
        Assert.That(world.Place.File("parent.txt"), Is.Not.Null);
    }
}
