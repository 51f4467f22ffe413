namespace GateKeeper.Tests.GitHub.Imitation;

/// <summary>What people and programs do to pull requests.</summary>
internal sealed partial class HubServer
{
    private const int LongestComment = 65536;

    public HubPull Open(HubAccount who, HubRepository repository, HubRepository from, string branch, string title, string @base, string body, bool draft)
    {
        var head = from.Tip(branch) ?? throw HubRefusal.Invalid("PullRequest", "head", "invalid");
        var tip = repository.Tip(@base) ?? throw HubRefusal.Invalid("PullRequest", "base", "invalid");
        if (repository.Pulls.Exists(each => each.State == "OPEN" && each.HeadRepository == from && each.HeadRef == branch && each.BaseRef == @base))
            throw HubRefusal.Invalid("PullRequest", "head", "custom", $"A pull request already exists for {from.Owner.Login}:{branch}.");
        if (repository.Contains(repository.Commit(tip)!, repository.Commit(head)!))
            throw HubRefusal.Invalid("PullRequest", "head", "custom", $"No commits between {@base} and {branch}");
        var pull = new HubPull(repository, NextId(), ++repository.LastNumber, who, Now)
        {
            Title = title,
            Body = body,
            BaseRef = @base,
            BaseSha = tip,
            HeadRepository = from,
            HeadRef = branch,
            HeadSha = head,
            Draft = draft,
        };
        repository.Pulls.Add(pull);
        Record(pull);
        foreach (var commit in pull.Commits())
            Happen(pull, "PullRequestCommit", null, ("commit", commit.Sha));
        Hooks.Pull(pull, "opened", who);
        return pull;
    }

    public HubReview Review(HubCaller caller, HubPull pull, string verb, string body)
    {
        var who = caller.Account!;
        if (pull.Author == who && verb is "APPROVE" or "REQUEST_CHANGES")
            throw new HubRefusal(422, "Unprocessable Entity", [verb == "APPROVE" ? "Can not approve your own pull request" : "Can not request changes on your own pull request"]);
        var state = verb switch { "APPROVE" => "APPROVED", "REQUEST_CHANGES" => "CHANGES_REQUESTED", "COMMENT" => "COMMENTED", _ => throw HubRefusal.Invalid("PullRequestReview", "event", "invalid") };
        var review = new HubReview(NextId(), who, state, pull.HeadSha, Now, body);
        pull.Reviews.Add(review);
        pull.Requests.RemoveAll(each => each.Reviewer == who);
        Happen(pull, "PullRequestReview", who, ("review", review));
        Touch(pull);
        Hooks.Review(pull, review, "submitted", who);
        return review;
    }

    public void Dismiss(HubAccount who, HubPull pull, HubReview review, string message)
    {
        if (review.State is not ("APPROVED" or "CHANGES_REQUESTED"))
            throw new HubRefusal(422, $"Can not dismiss a {review.State.ToLowerInvariant()} pull request review");
        var before = review.State;
        review.State = "DISMISSED";
        Happen(pull, "ReviewDismissedEvent", who, ("review", review), ("previousReviewState", before), ("dismissalMessage", message));
        Touch(pull);
        Hooks.Review(pull, review, "dismissed", who);
    }

    public HubComment Comment(HubAccount who, HubPull pull, string body)
    {
        if (body.Length == 0)
            throw HubRefusal.Invalid("IssueComment", "body", "missing_field");
        if (body.Length > LongestComment)
            throw HubRefusal.Invalid("IssueComment", "body", "custom", $"body is too long (maximum is {LongestComment} characters)");
        var comment = new HubComment(NextId(), pull, who, body, Now);
        pull.Comments.Add(comment);
        Happen(pull, "IssueComment", who, ("comment", comment));
        Touch(pull);
        Hooks.Comment(comment, "created", who);
        return comment;
    }

    public void Edit(HubAccount who, HubComment comment, string body)
    {
        if (body.Length > LongestComment)
            throw HubRefusal.Invalid("IssueComment", "body", "custom", $"body is too long (maximum is {LongestComment} characters)");
        (comment.Body, comment.Updated, comment.Edited, comment.Editor) = (body, Now, Now, who);
        Touch(comment.Pull);
        Hooks.Comment(comment, "edited", who);
    }

    public void Delete(HubAccount who, HubComment comment)
    {
        comment.Pull.Comments.Remove(comment);
        comment.Pull.Timeline.RemoveAll(each => each.Told.GetValueOrDefault("comment") == comment);
        Touch(comment.Pull);
        Hooks.Comment(comment, "deleted", who);
    }

    public void Label(HubAccount who, HubPull pull, string name)
    {
        if (!pull.Repository.Labels.TryGetValue(name, out var label))
            pull.Repository.Labels[name] = label = new(NextId(), name);
        if (pull.Labels.Contains(label))
            return;
        pull.Labels.Add(label);
        Happen(pull, "LabeledEvent", who, ("label", label));
        Touch(pull);
        Hooks.Pull(pull, "labeled", who);
    }

    public void Unlabel(HubAccount who, HubPull pull, string name)
    {
        var label = pull.Labels.Find(each => string.Equals(each.Name, name, StringComparison.OrdinalIgnoreCase)) ?? throw new HubRefusal(404, "Label does not exist");
        pull.Labels.Remove(label);
        Happen(pull, "UnlabeledEvent", who, ("label", label));
        Touch(pull);
        Hooks.Pull(pull, "unlabeled", who);
    }

    /// <summary>The base is another branch now, by somebody's hand, or by the server's when the old one went away.</summary>
    public void Retarget(HubAccount who, HubPull pull, string @base, bool automatic = false)
    {
        if (pull.Repository.Tip(@base) is not { } tip)
            throw HubRefusal.Invalid("PullRequest", "base", "invalid");
        if (pull.BaseRef == @base)
            return;
        var before = pull.BaseRef;
        (pull.BaseRef, pull.BaseSha, pull.MergeabilityKnown) = (@base, tip, false);
        Record(pull);
        if (automatic)
            Happen(pull, "AutomaticBaseChangeSucceededEvent", who, ("oldBase", before), ("newBase", @base));
        else
            Happen(pull, "BaseRefChangedEvent", who, ("previousRefName", before), ("currentRefName", @base));
        Touch(pull);
        Hooks.Pull(pull, "edited", who, ("changes", new System.Text.Json.Nodes.JsonObject { ["base"] = new System.Text.Json.Nodes.JsonObject { ["ref"] = new System.Text.Json.Nodes.JsonObject { ["from"] = before } } }));
        MergeIfContained(pull, who, tip);
    }

    public void SetDraft(HubAccount who, HubPull pull, bool draft)
    {
        if (pull.Draft == draft)
            return;
        pull.Draft = draft;
        Happen(pull, draft ? "ConvertToDraftEvent" : "ReadyForReviewEvent", who);
        Touch(pull);
        Hooks.Pull(pull, draft ? "converted_to_draft" : "ready_for_review", who);
    }

    public void Rename(HubAccount who, HubPull pull, string? title, string? body)
    {
        if (title is not null && title != pull.Title)
            Happen(pull, "RenamedTitleEvent", who, ("previousTitle", pull.Title), ("currentTitle", title));
        (pull.Title, pull.Body) = (title ?? pull.Title, body ?? pull.Body);
        Touch(pull);
        Hooks.Pull(pull, "edited", who);
    }

    public void Close(HubPull pull, HubAccount who)
    {
        if (pull.State != "OPEN")
            return;
        (pull.State, pull.Closed) = ("CLOSED", Now);
        Happen(pull, "ClosedEvent", who);
        Touch(pull);
        Hooks.Pull(pull, "closed", who);
    }

    public void Reopen(HubAccount who, HubPull pull)
    {
        if (pull.State == "MERGED" || pull.HeadRepository.Deleted || pull.HeadRepository.Tip(pull.HeadRef) is not { } head)
            throw HubRefusal.Invalid("PullRequest", "state", "invalid", "state cannot be changed.");
        if (pull.State == "OPEN")
            return;
        (pull.State, pull.Closed, pull.BaseSha) = ("OPEN", null, pull.Repository.Tip(pull.BaseRef)!);
        Happen(pull, "ReopenedEvent", who);
        Touch(pull);
        Hooks.Pull(pull, "reopened", who);
        MoveHead(pull, who, head, forced: false);
    }

    public void Happen(HubPull pull, string type, HubAccount? actor, params (string Name, object? Value)[] told) =>
        pull.Timeline.Add(new(NextId(), type, Now, actor, told.ToDictionary(each => each.Name, each => each.Value)));

    /// <summary>Everything but checks and statuses counts as an update.</summary>
    public void Touch(HubPull pull) => pull.Updated = Now;

    /// <summary>How the server would introduce somebody. No authority: private memberships are not seen here either.</summary>
    public string Association(HubRepository repository, HubAccount account) =>
        repository.Owner == account ? "OWNER" :
        account.Kind == "User" && Teams.Exists(team => team.Members.Exists(member => member.Account == account && member.State == "active")) ? "MEMBER" :
        repository.Roles.GetValueOrDefault(account) is "write" or "maintain" or "admin" ? "COLLABORATOR" :
        repository.Pulls.Exists(pull => pull.Author == account && pull.State == "MERGED") ? "CONTRIBUTOR" : "NONE";

    public HubAccount? Known(string email) => Accounts.Find(account => string.Equals(account.Email, email, StringComparison.OrdinalIgnoreCase) && !account.Deleted);
}
