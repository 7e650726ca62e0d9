# Exceptions that leave several calls, in all the ways that Python has.


def dive(depth):
    if depth == 0:
        raise ValueError("the ground")
    try:
        dive(depth - 1)
    finally:
        print("up from", depth)


def attempt(call):
    try:
        print("result", call())
    except (ValueError, IndexError) as error:
        print(type(error).__name__, error)
    except Exception as error:
        print("other:", type(error).__name__, error)
    else:
        print("fine")


def numbers():
    try:
        for number in range(5):
            yield number
    finally:
        print("no more numbers")


attempt(lambda: dive(6))
attempt(lambda: [][3])
attempt(lambda: {}["key"])
attempt(lambda: 1 // 0)
attempt(lambda: sum(numbers()))
attempt(lambda: next(number for number in numbers() if number > 9))

caught = 0
for turn in range(200):
    try:
        [1, 2, 3][turn % 5]
    except IndexError:
        caught += 1
print(caught)


def forever(depth):
    return forever(depth + 1)


try:
    forever(0)
except RuntimeError as error:
    print(error)
