using System.Text.Json.Nodes;
using LibGit2Sharp;

namespace GateKeeper.Tests.GitHub.Imitation;

/// <summary>Branches and what guards them, files, and who may do what.</summary>
internal sealed partial class HubCall
{
    private static readonly string Nothing = new('0', 40);

    private HubAnswer Git(HubRepository repository, string[] rest)
    {
        switch (method, rest)
        {
            case ("GET", ["git", "ref", .. var name]):
                caller.Need("contents=read");
                return Told(json.Reference(repository, Full(name), Target(repository, Full(name)) ?? throw HubRefusal.NotFound));
            case ("GET", ["git", "matching-refs", .. var name]):
                caller.Need("contents=read");
                return Paged(repository.Git.Refs.Where(each => each.CanonicalName.StartsWith(Full(name), StringComparison.Ordinal)), each => json.Reference(repository, each.CanonicalName, each.ResolveToDirectReference().TargetIdentifier));
            case ("POST", ["git", "refs"]):
                caller.Need("contents=write");
                return new(201, Create(repository, Needed("Reference", "ref"), Needed("Reference", "sha")));
            case ("PATCH", ["git", "refs", .. var name]):
                caller.Need("contents=write");
                return Told(Move(repository, Full(name), Needed("Reference", "sha"), (bool?)body!["force"] ?? false));
            case ("DELETE", ["git", "refs", .. var name]):
                caller.Need("contents=write");
                Throw(server.Move(caller, repository, Full(name), Target(repository, Full(name)) ?? throw new HubRefusal(422, "Reference does not exist"), Nothing));
                return new(204, null);
            case ("GET", ["branches", .. var name, "protection"]):
                caller.Need("administration=read");
                if (!caller.AtLeast(repository, "admin") && caller.App is null)
                    throw HubRefusal.NotFound;
                return Told(Protection(repository, string.Join('/', name)));
            case ("GET", ["branches", _, ..]):
                var name2 = rest[1..];
                caller.Need("contents=read");
                return Told(Branch(repository, string.Join('/', name2)));
            case ("GET", ["rules", "branches", .. var name]):
                return Paged(HubRules.On(repository, $"refs/heads/{string.Join('/', name)}"), rule => Rule(repository, rule));
            case ("GET", ["rulesets"]):
                return Paged(repository.Rulesets, set => HubCheckJson.Ruleset(repository, set, withBypass: false, full: false));
            case ("GET", ["rulesets", var id]):
                var found = repository.Rulesets.Find(set => set.Id == Number(id)) ?? throw HubRefusal.NotFound;
                var shown = HubCheckJson.Ruleset(repository, found, caller.App is null ? caller.AtLeast(repository, "admin") : caller.Has("administration", "write"), full: true);
                shown["current_user_can_bypass"] = caller.Passes(repository, found, server.Teams) ? "always" : "never";
                return Told(shown);
            case ("GET", ["codeowners", "errors"]):
                return Told(new JsonObject { ["errors"] = new JsonArray([.. repository.CodeownersErrors.Select(error => error.DeepClone())]) });
            case ("GET", ["contents", .. var path]):
                caller.Need("contents=read");
                return Told(Contents(repository, string.Join('/', path)));
            case ("GET", ["commits", var reference]):
                caller.Need("contents=read");
                return Told(json.Commit(repository, repository.Commit(Commit(repository, reference))!));
            case ("GET", ["activity"]):
                var reference2 = query["ref"].ToString();
                return Paged(repository.Activity.Where(each => reference2.Length == 0 || each.Reference == (reference2.StartsWith("refs/", StringComparison.Ordinal) ? reference2 : $"refs/heads/{reference2}")).Reverse(), Activity);
            case ("GET", ["collaborators", var login, "permission"]):
                return Told(Permission(repository, server.Account(login)));
            default:
                return Look(repository, rest);
        }
    }

    private static string Full(string[] name) => $"refs/{string.Join('/', name)}";

    private static string? Target(HubRepository repository, string name) => repository.Git.Refs[name]?.ResolveToDirectReference().TargetIdentifier;

    private static void Throw(HubRefused? refused)
    {
        if (refused is not null)
            throw new HubRefusal(refused.Status, refused.Message);
    }

    private JsonObject Create(HubRepository repository, string name, string sha)
    {
        if (!name.StartsWith("refs/", StringComparison.Ordinal) || name.Count(letter => letter == '/') < 2)
            throw new HubRefusal(422, "Reference name is not valid");
        if (Target(repository, name) is not null)
            throw new HubRefusal(422, "Reference already exists");
        if (repository.Commit(sha) is null)
            throw new HubRefusal(422, "Object does not exist");
        Throw(server.Move(caller, repository, name, Nothing, sha));
        return json.Reference(repository, name, sha);
    }

    private JsonObject Move(HubRepository repository, string name, string sha, bool force)
    {
        var old = Target(repository, name) ?? throw new HubRefusal(422, "Reference does not exist");
        if (repository.Commit(sha) is not { } commit)
            throw new HubRefusal(422, "Object does not exist");
        if (!force && !repository.Contains(commit, repository.Commit(old)!))
            throw new HubRefusal(422, "Update is not a fast forward");
        Throw(server.Move(caller, repository, name, old, sha));
        return json.Reference(repository, name, sha);
    }

    private JsonObject Branch(HubRepository repository, string name)
    {
        var tip = repository.Commit(repository.Tip(name)) ?? throw new HubRefusal(404, "Branch not found");
        var url = $"{json.Url(repository)}/branches/{Uri.EscapeDataString(name)}";
        var isProtected = repository.Protections.ContainsKey(name) || HubRules.On(repository, $"refs/heads/{name}").Any();
        return new()
        {
            ["name"] = name,
            ["commit"] = json.Commit(repository, tip),
            ["_links"] = new JsonObject { ["self"] = url, ["html"] = $"{server.Address}{repository.FullName}/tree/{name}" },
            ["protected"] = isProtected,
            ["protection"] = new JsonObject { ["enabled"] = repository.Protections.ContainsKey(name) },
            ["protection_url"] = $"{url}/protection",
        };
    }

    private static JsonObject Rule(HubRepository repository, (HubRuleset Set, string Type, JsonObject? Parameters) rule)
    {
        var told = HubCheckJson.Rule(rule.Type, rule.Parameters);
        told["ruleset_source_type"] = "Repository";
        told["ruleset_source"] = repository.FullName;
        told["ruleset_id"] = rule.Set.Id;
        return told;
    }

    private JsonNode Contents(HubRepository repository, string path)
    {
        var reference = query["ref"].ToString();
        var commit = repository.Commit(Commit(repository, reference.Length == 0 ? repository.DefaultBranch : reference.Replace("refs/heads/", "", StringComparison.Ordinal)))!;
        var url = $"{json.Url(repository)}/contents";
        if (path.Length == 0 || commit[path]?.Target is Tree)
        {
            var tree = path.Length == 0 ? commit.Tree : (Tree)commit[path].Target;
            return new JsonArray([.. tree.Select(entry => Entry(entry, path.Length == 0 ? entry.Name : $"{path}/{entry.Name}"))]);
        }

        if (commit[path] is not { Target: Blob blob } found)
            throw HubRefusal.NotFound;
        var told = Entry(found, path);
        using var content = new MemoryStream();
        blob.GetContentStream().CopyTo(content);
        told["encoding"] = "base64";
        told["content"] = Convert.ToBase64String(content.ToArray(), Base64FormattingOptions.InsertLineBreaks).Replace("\r", "", StringComparison.Ordinal) + "\n";
        return told;

        JsonObject Entry(TreeEntry entry, string at)
        {
            var (self, git) = ($"{url}/{at}?ref={commit.Sha}", $"{json.Url(repository)}/git/blobs/{entry.Target.Sha}");
            return new()
            {
                ["type"] = entry.TargetType == TreeEntryTargetType.Tree ? "dir" : "file",
                ["size"] = entry.Target is Blob file ? file.Size : 0,
                ["name"] = entry.Name,
                ["path"] = at,
                ["sha"] = entry.Target.Sha,
                ["url"] = self,
                ["git_url"] = git,
                ["html_url"] = $"{server.Address}{repository.FullName}/blob/{commit.Sha}/{at}",
                ["download_url"] = $"{server.Address}raw/{repository.FullName}/{commit.Sha}/{at}",
                ["_links"] = new JsonObject { ["self"] = self, ["git"] = git, ["html"] = $"{server.Address}{repository.FullName}/blob/{commit.Sha}/{at}" },
            };
        }
    }

    private JsonObject Activity(HubActivity activity) => new()
    {
        ["id"] = activity.Id,
        ["node_id"] = HubJson.NodeId("PSH", activity.Id),
        ["before"] = activity.Before,
        ["after"] = activity.After,
        ["ref"] = activity.Reference,
        ["timestamp"] = HubJson.At(activity.At),
        ["activity_type"] = activity.Kind,
        ["actor"] = activity.Actor.Deleted ? null : json.User(activity.Actor),
    };

    private JsonObject Permission(HubRepository repository, HubAccount account)
    {
        var role = account.Kind == "Bot" ? "none" : HubCaller.Person(account).Role(repository);
        var user = json.User(account);
        user["role_name"] = role;
        return new() { ["permission"] = role switch { "maintain" => "write", "triage" => "read", _ => role }, ["role_name"] = role, ["user"] = user };
    }
}
