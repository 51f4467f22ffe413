using System.Globalization;
using System.Text.Json.Nodes;
using LibGit2Sharp;

namespace GateKeeper.Tests.Gerrit.Imitation;

/// <summary>Changes and accounts as Gerrit writes them: only what was asked for, and nothing that is false, except where Gerrit does.</summary>
internal static class FakeChangeJson
{
    public static readonly IReadOnlyCollection<string> Everything = ["ALL_REVISIONS", "CURRENT_COMMIT", "DETAILED_LABELS", "DETAILED_ACCOUNTS", "SUBMIT_REQUIREMENTS", "MESSAGES", "SKIP_DIFFSTAT", "PARENTS", "SUBMITTABLE"];

    public static string Moment(DateTimeOffset moment) => moment.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) + ".000000000";

    public static bool IsService(FakeServer server, FakeAccount account) => server.IsIn(account, server.Group("Service Users").Uuid, null);

    public static JsonObject Account(FakeServer server, FakeAccount account, bool detailed)
    {
        var json = new JsonObject { ["_account_id"] = account.Id };
        if (!detailed)
            return json;
        (json["name"], json["email"], json["username"]) = (account.Name, account.Email, account.Username);
        if (IsService(server, account))
            json["tags"] = new JsonArray("SERVICE_USER");
        return json;
    }

    public static JsonObject Of(FakeServer server, FakeAccount caller, FakeChange change, IReadOnlyCollection<string> options)
    {
        var detailed = options.Contains("DETAILED_ACCOUNTS");
        var json = new JsonObject
        {
            ["id"] = $"{Uri.EscapeDataString(change.Project.Name)}~{change.Number}",
            ["triplet_id"] = $"{Uri.EscapeDataString(change.Project.Name)}~{Uri.EscapeDataString(FakeServer.Brief(change.Branch))}~{change.ChangeId}",
            ["project"] = change.Project.Name,
            ["branch"] = FakeServer.Brief(change.Branch),
            ["hashtags"] = new JsonArray([.. change.Hashtags.Select(tag => (JsonNode)tag)]),
            ["change_id"] = change.ChangeId,
            ["subject"] = change.Subject,
            ["status"] = change.Status,
            ["created"] = Moment(change.Created),
            ["updated"] = Moment(change.Updated),
            ["total_comment_count"] = 0,
            ["unresolved_comment_count"] = 0,
            ["has_review_started"] = change.ReviewStarted,
            ["meta_rev_id"] = change.Meta,
            ["_number"] = change.Number,
            ["virtual_id_number"] = change.Number,
            ["current_revision_number"] = change.PatchSets.Count == 0 ? 0 : change.Current.Number,
            ["owner"] = Account(server, server.Account(change.Owner), detailed),
        };
        if (change.Topic is not null)
            json["topic"] = change.Topic;
        if (change.WorkInProgress)
            json["work_in_progress"] = true;
        if (change.Private)
            json["is_private"] = true;
        if (change.IsOpen)
            json["submit_type"] = "MERGE_IF_NECESSARY";
        if (change.Submitter is not null)
            (json["submitted"], json["submitter"], json["submission_id"]) = (Moment(change.Submitted!.Value), Account(server, server.Account(change.Submitter.Value), detailed), change.SubmissionId);
        if (!options.Contains("SKIP_DIFFSTAT"))
            Count(json, change);
        if (options.Contains("LABELS") || options.Contains("DETAILED_LABELS"))
            FakeLabelJson.Add(json, server, caller, change, options.Contains("DETAILED_LABELS"), detailed);
        if (options.Contains("SUBMIT_REQUIREMENTS"))
            json["submit_requirements"] = new JsonArray([.. FakeSubmit.Demands(change.Project).Where(_ => change.Status != "MERGED" || change.WasJudged).Select(requirement => FakeSubmit.Judge(server, change, requirement).Json)]);
        if (options.Contains("SUBMITTABLE") && change.IsOpen)
            json["submittable"] = FakeSubmit.Demands(change.Project).All(requirement => FakeSubmit.Judge(server, change, requirement).Holds);
        if (options.Contains("MESSAGES"))
            json["messages"] = new JsonArray([.. change.Messages.Select(message => Message(server, message, detailed))]);
        if (options.Contains("CURRENT_REVISION") || options.Contains("ALL_REVISIONS"))
        {
            json["current_revision"] = change.Current.Commit.Sha;
            json["revisions"] = new JsonObject(change.PatchSets.Where(each => options.Contains("ALL_REVISIONS") || each == change.Current)
                .Select(each => KeyValuePair.Create<string, JsonNode?>(each.Commit.Sha, Revision(server, change, each, options, detailed))));
        }

        return json;
    }

    private static void Count(JsonObject json, FakeChange change)
    {
        var changed = change.Project.Git.Diff.Compare<Patch>(change.Current.Commit.Parents.FirstOrDefault()?.Tree, change.Current.Commit.Tree);
        (json["insertions"], json["deletions"]) = (changed.LinesAdded, changed.LinesDeleted);
    }

    private static JsonObject Message(FakeServer server, FakeMessage message, bool detailed)
    {
        var json = new JsonObject
        {
            ["id"] = message.Id,
            ["author"] = Account(server, server.Account(message.Author), detailed),
            ["date"] = Moment(message.Date),
            ["message"] = message.Text,
            ["_revision_number"] = message.PatchSet,
        };
        if (message.Tag is not null)
            json["tag"] = message.Tag;
        if (message.RealAuthor is { } real)
            json["real_author"] = Account(server, server.Account(real), detailed);
        return json;
    }

    private static JsonObject Revision(FakeServer server, FakeChange change, FakePatchSet patchSet, IReadOnlyCollection<string> options, bool detailed)
    {
        var json = new JsonObject
        {
            ["kind"] = patchSet.Kind,
            ["_number"] = patchSet.Number,
            ["created"] = Moment(patchSet.Created),
            ["uploader"] = Account(server, server.Account(patchSet.Uploader), detailed),
            ["ref"] = change.Reference(patchSet.Number),
            ["fetch"] = new JsonObject(),
            ["branch"] = change.Branch,
        };
        if (patchSet.Description is not null)
            json["description"] = patchSet.Description;
        if (patchSet != change.Current)
            return json;
        if (options.Contains("CURRENT_COMMIT"))
            json["commit"] = Of(patchSet.Commit);
        if (options.Contains("PARENTS"))
            json["parents_data"] = new JsonArray([.. patchSet.Commit.Parents.Select(parent => Parent(change, parent))]);
        return json;
    }

    private static JsonObject Of(Commit commit) => new()
    {
        ["parents"] = new JsonArray([.. commit.Parents.Select(parent => new JsonObject { ["commit"] = parent.Sha, ["subject"] = parent.MessageShort })]),
        ["author"] = Person(commit.Author),
        ["committer"] = Person(commit.Committer),
        ["subject"] = commit.MessageShort,
        ["message"] = commit.Message,
    };

    private static JsonObject Person(Signature person) => new()
    {
        ["name"] = person.Name,
        ["email"] = person.Email,
        ["date"] = Moment(person.When.ToUniversalTime()),
        ["tz"] = (int)person.When.Offset.TotalMinutes,
    };

    private static JsonObject Parent(FakeChange change, Commit parent)
    {
        var json = new JsonObject
        {
            ["branch_name"] = change.Branch,
            ["commit_id"] = parent.Sha,
            ["is_merged_in_target_branch"] = change.Project.Tip(change.Branch) is { } tip && change.Project.IsMerged(parent, tip),
        };
        if (change.Project.Changes.SelectMany(other => other.PatchSets.Select(patchSet => (other, patchSet))).FirstOrDefault(each => each.patchSet.Commit == parent && each.other != change) is { other: { } other, patchSet: { } patchSet })
            (json["change_id"], json["change_number"], json["patch_set_number"], json["change_status"]) = (other.ChangeId, other.Number, patchSet.Number, other.Status);
        return json;
    }
}
