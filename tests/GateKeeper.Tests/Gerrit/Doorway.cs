using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace GateKeeper.Tests.Gerrit;

/// <summary>The door through which the gate goes to a server: what passes is written down, and a test may stand in it.</summary>
internal sealed class Doorway
{
    private readonly Lock gate = new();
    private readonly List<Fault> faults = [];
    private readonly List<string> requests = [];
    private readonly Dictionary<string, string> answers = [];
    private readonly HashSet<(string Method, string Path)> broken = [];
    private (string Method, string Path, Func<Task> What, bool After)? moment;
    private bool down;

    /// <summary>Method and path, with its query, of everything that the gate asked, in order.</summary>
    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (gate)
                return [.. requests];
        }
    }

    public void Forget()
    {
        lock (gate)
            requests.Clear();
    }

    /// <summary>
    /// The next request with that method and that part of a path ("/review", "/git-receive-pack") is answered with this status: before it
    /// reaches the server, or after the server has done it.
    /// </summary>
    public void FailNext(string method, string path, int status = 500, bool afterDoing = false)
    {
        lock (gate)
            faults.Add(new(method, path, status, afterDoing));
    }

    /// <summary>From now on, or no more, every request with that method and that part of a path is answered with an error.</summary>
    public void Fail(string method, string path, bool fails)
    {
        lock (gate)
        {
            broken.Remove((method, path));
            if (fails)
                broken.Add((method, path));
        }
    }

    /// <summary>From now on whoever reads what ends so ("/self/capabilities") is told this instead; null ends that.</summary>
    public void Answer(string path, string? json)
    {
        lock (gate)
        {
            if (json is null)
                answers.Remove(path);
            else
                answers[path] = json;
        }
    }

    /// <summary>Somebody else does something, once, when such a request has come and before the server sees it.</summary>
    public void BeforeNext(string method, string path, Func<Task> what)
    {
        lock (gate)
            moment = (method, path, what, false);
    }

    /// <summary>Somebody else does something, once, when the server has done such a request and before it is answered.</summary>
    public void AfterNext(string method, string path, Func<Task> what)
    {
        lock (gate)
            moment = (method, path, what, true);
    }

    /// <summary>While it is down, every connection breaks without an answer.</summary>
    public void Down(bool isDown)
    {
        lock (gate)
            down = isDown;
    }

    public async Task PassAsync(HttpContext context, RequestDelegate onward)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        Fault? fault;
        string? answer;
        var (before, after) = ((Func<Task>?)null, (Func<Task>?)null);
        lock (gate)
        {
            if (down)
            {
                context.Abort();
                return;
            }

            requests.Add($"{context.Request.Method} {target}");
            if (moment is var (method, path, what, isAfter) && method == context.Request.Method && target.Contains(path, StringComparison.Ordinal))
                (before, after, moment) = (isAfter ? null : what, isAfter ? what : null, null);
            fault = faults.Find(each => each.Method == context.Request.Method && target.Contains(each.Path, StringComparison.Ordinal));
            if (fault is not null)
                faults.Remove(fault);
            else if (broken.Any(each => each.Method == context.Request.Method && target.Contains(each.Path, StringComparison.Ordinal)))
                fault = new(context.Request.Method, target, StatusCodes.Status500InternalServerError, AfterDoing: false);
            answer = context.Request.Method == "GET" ? answers.FirstOrDefault(each => target.EndsWith(each.Key, StringComparison.Ordinal)).Value : null;
        }

        if (before is not null)
            await before();
        if (fault is null && answer is not null)
        {
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync($")]}}'\n{answer}");
            return;
        }

        if (fault is null)
        {
            var answering = context.Response.Body;
            using var kept = new MemoryStream();
            if (after is not null)
                context.Response.Body = kept;
            await onward(context);
            if (after is not null)
            {
                await after();
                context.Response.Body = answering;
                await answering.WriteAsync(kept.ToArray());
            }

            return;
        }

        if (fault.AfterDoing)
        {
            var body = context.Response.Body;
            context.Response.Body = Stream.Null;
            await onward(context);
            context.Response.Body = body;
            context.Response.Clear();
        }

        context.Response.StatusCode = fault.Status;
        await context.Response.WriteAsync("Internal server error\n");
    }

    private sealed record Fault(string Method, string Path, int Status, bool AfterDoing);
}
